/* Keshu 科枢 · a session says when it is about to end, and what was typed stays on the page.
   <body data-session-seconds="1800" data-keepalive="/…"> : the server renews the session on every request, so we count from the last one. */
(function () {
  'use strict';

  const Keshu = window.Keshu;
  const total = Number(document.body.dataset.sessionSeconds) * 1000;
  const keepalive = document.body.dataset.keepalive;
  if (!total) return;
  const warnBefore = Math.min(120000, total / 3);
  const CHANNEL = 'keshu.session.renewed';
  let ends = 0, warned = null, timer = 0;

  function renewed(fromHere) {
    ends = Date.now() + total;
    if (warned) { warned.remove(); warned = null; }
    if (fromHere) window.localStorage.setItem(CHANNEL, String(Date.now()));
    schedule();
  }

  function schedule() {
    window.clearTimeout(timer);
    timer = window.setTimeout(check, Math.max(1000, ends - Date.now() - warnBefore));
  }

  function button(words, act) {
    const made = Keshu.element('button', 'ks-btn sm primary', words);
    made.type = 'button';
    made.addEventListener('click', act);
    return made;
  }

  async function keep() {
    try {
      const token = JSON.parse(document.body.getAttribute('hx-headers') || '{}');
      const answer = await fetch(keepalive, { method: 'POST', headers: token, credentials: 'same-origin' });
      if (answer.ok && !answer.redirected) { renewed(true); Keshu.announce('已延长'); return; }
    } catch (error) { /* said below */ }
    Keshu.note('没有延长上。', '先把写了的复制下来，再重新登录。', 'late');
  }

  function check() {
    const left = ends - Date.now();
    if (left <= 0) {
      if (warned) warned.remove();
      warned = Keshu.note('已经自动退出，写了的还在这一页。', '在新窗口登录，再回来送出。', 'late');
      const link = Keshu.element('a', 'ks-btn sm', '打开登录');
      link.href = '/';
      link.target = '_blank';
      link.rel = 'noopener';
      warned.insertBefore(link, warned.lastChild);
      return;
    }
    if (left <= warnBefore && !warned) {
      warned = Keshu.note('还有 ' + Math.max(1, Math.round(left / 60000)) + ' 分钟自动退出。', '写了的不会丢，点一下接着用。', 'slow');
      if (keepalive) warned.insertBefore(button('接着用', keep), warned.lastChild);
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(check, Math.max(1000, left));
  }

  document.addEventListener('htmx:afterRequest', function (event) { if (event.detail.successful) renewed(true); });
  window.addEventListener('storage', function (event) { if (event.key === CHANNEL) renewed(false); });
  // A laptop that slept wakes with an old timer.
  document.addEventListener('visibilitychange', function () { if (!document.hidden) check(); });
  renewed(true);
})();
