/* Keshu 科枢 · 出处: a figure with data-trace opens its trace beside itself. A plain link without this file. */
(function () {
  'use strict';

  const Keshu = window.Keshu;
  const GAP = 10;
  let open = null; // { figure, box, abort }

  function place() {
    if (!open || window.matchMedia('(max-width: 767.98px)').matches) return;
    const box = open.box;
    const at = open.figure.getBoundingClientRect();
    const width = box.offsetWidth, height = box.offsetHeight;
    const left = Math.max(8, Math.min(at.left - 24, document.documentElement.clientWidth - width - 8));
    const below = at.top - height - GAP < 8;
    box.classList.toggle('is-below', below);
    box.style.left = left + window.scrollX + 'px';
    box.style.top = (below ? at.bottom + GAP : at.top - height - GAP) + window.scrollY + 'px';
    const tip = box.querySelector('.ks-pop-tip');
    if (tip) tip.style.left = Math.max(12, Math.min(at.left + at.width / 2 - left - 6, width - 24)) + 'px';
  }

  /** Closes the trace and gives the focus back. True when there was one. */
  Keshu.closeTrace = function (keepFocus) {
    if (!open) return false;
    const was = open;
    open = null;
    was.abort.abort();
    was.box.remove();
    was.figure.classList.remove('is-open');
    was.figure.removeAttribute('aria-expanded');
    if (!keepFocus && was.figure.isConnected) was.figure.focus();
    return true;
  };

  function fill(box, html) {
    // A fragment of our own server, same origin; scripts in it would not run.
    box.innerHTML = html;
    box.appendChild(Keshu.element('span', 'ks-pop-tip'));
    if (box.querySelector('#ks-pop-title')) box.setAttribute('aria-labelledby', 'ks-pop-title');
    if (window.htmx) window.htmx.process(box);
    place();
    box.focus();
  }

  function failed(box, what, todo) {
    box.textContent = '';
    const body = Keshu.element('div', 'ks-pop-body');
    const message = Keshu.element('div', 'ks-msg late');
    message.setAttribute('role', 'alert');
    message.append(Keshu.element('b', '', what), document.createTextNode(' ' + todo));
    body.appendChild(message);
    box.append(body, Keshu.element('span', 'ks-pop-tip'));
    place();
  }

  async function show(figure) {
    Keshu.closeTrace(true);
    const box = Keshu.element('div', 'ks-pop');
    box.id = 'ks-pop';
    box.tabIndex = -1;
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-label', '出处');
    box.setAttribute('aria-busy', 'true');
    const wait = Keshu.element('div', 'ks-pop-body');
    const skeleton = Keshu.element('div', 'ks-skeleton');
    for (let row = 0; row < 3; row += 1) {
      const line = Keshu.element('div');
      for (let part = 0; part < 4; part += 1) line.appendChild(Keshu.element('i'));
      skeleton.appendChild(line);
    }
    wait.appendChild(skeleton);
    box.appendChild(wait);
    box.style.visibility = 'hidden';
    document.body.appendChild(box);
    const abort = new AbortController();
    open = { figure: figure, box: box, abort: abort };
    figure.classList.add('is-open');
    figure.setAttribute('aria-expanded', 'true');
    place();
    // Nothing flickers for an answer that comes at once.
    const slow = window.setTimeout(function () { box.style.visibility = ''; }, 300);
    try {
      const answer = await fetch(figure.dataset.trace, {
        headers: { 'X-Requested-With': 'fetch', 'Accept': 'text/html' }, credentials: 'same-origin', signal: abort.signal,
      });
      if (answer.redirected && !answer.headers.get('X-Keshu-Fragment')) {
        window.location.assign(figure.href); // signed out meanwhile: the page itself asks to sign in
        return;
      }
      const html = await answer.text();
      if (!open || open.box !== box) return;
      box.style.visibility = '';
      if (answer.ok) fill(box, html);
      else if (answer.status === 403) failed(box, '这个数的出处不归现在的岗位看。', '请管这份记录的单位授权，或请规划科代查。');
      else failed(box, '没有取到出处（' + answer.status + '）。', '再点一次；仍然不行，按住 Ctrl 点它，打开完整出处。');
    } catch (error) {
      if (error.name === 'AbortError') return;
      box.style.visibility = '';
      failed(box, '没有连上服务器。', '看一下网络，再点一次。');
    } finally {
      window.clearTimeout(slow);
      box.removeAttribute('aria-busy');
    }
  }

  document.addEventListener('click', function (event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest('[data-pop-close]')) { Keshu.closeTrace(); return; }
    const figure = target.closest('a.fig[data-trace]');
    if (figure && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (open && open.figure === figure) Keshu.closeTrace(); else show(figure);
      return;
    }
    if (open && !open.box.contains(target)) Keshu.closeTrace(true);
  });

  // Leaving the popover with Tab closes it where the reader already is.
  document.addEventListener('focusin', function (event) {
    if (open && event.target !== open.figure && !open.box.contains(event.target) && event.target !== document.body) Keshu.closeTrace(true);
  });

  window.addEventListener('resize', place);
  document.addEventListener('htmx:beforeSwap', function () { Keshu.closeTrace(true); });
})();
