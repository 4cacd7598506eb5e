/* Keshu 科枢 · what every page does: announcements, menus, shortcuts, notes, waiting, printing.
   No inline script, no eval. Other files use window.Keshu. */
(function () {
  'use strict';

  const Keshu = (window.Keshu = {});
  const KEYS_OFF = 'keshu.keys.off';

  /* --- saying things --------------------------------------------------------------------------------------------- */

  /** Says one short clause to a screen reader. */
  Keshu.announce = function (text) {
    const live = document.getElementById('ks-live');
    if (!live) return;
    live.textContent = '';
    window.setTimeout(function () { live.textContent = text; }, 60);
  };

  /** A note at the foot: what happened, why, what to do. It goes when dismissed or when the next one comes. */
  Keshu.note = function (what, todo, tone) {
    document.querySelectorAll('.ks-note').forEach(function (old) { old.remove(); });
    const note = element('div', 'ks-msg ks-note ' + (tone || ''));
    note.setAttribute('role', tone === 'late' ? 'alert' : 'status');
    const words = element('div', 'grow');
    words.appendChild(element('b', '', what));
    if (todo) words.appendChild(document.createTextNode(' ' + todo));
    const close = element('button', 'ks-x', '×');
    close.type = 'button';
    close.setAttribute('aria-label', '收起');
    close.addEventListener('click', function () { note.remove(); });
    note.append(words, close);
    document.body.appendChild(note);
    return note;
  };

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  Keshu.element = element;

  /** True while the reader is typing: shortcuts are off then. */
  Keshu.typing = function (target) {
    return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
      && !/^(checkbox|radio|button|submit|range)$/.test(target.type || '');
  };

  Keshu.visible = function (node) { return Boolean(node && node.getClientRects().length); };

  /* --- menus: <details data-menu> ---------------------------------------------------------------------------------- */

  function closeMenus(except) {
    document.querySelectorAll('details[data-menu][open]').forEach(function (menu) { if (menu !== except) menu.open = false; });
  }

  document.addEventListener('click', function (event) {
    closeMenus(event.target instanceof Element ? event.target.closest('details[data-menu]') : null);
  });

  document.addEventListener('keydown', function (event) {
    const menu = event.target instanceof Element ? event.target.closest('details[data-menu][open]') : null;
    if (!menu) return;
    if (event.key === 'Escape') {
      menu.open = false;
      menu.querySelector('summary').focus();
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const entries = Array.from(menu.querySelectorAll('.ks-menu-list a, .ks-menu-list button')).filter(Keshu.visible);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const next = entries[(entries.indexOf(document.activeElement) + step + entries.length) % entries.length];
      if (next) next.focus();
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  });

  /* --- drawer: opened by its address, closed by its own link ---------------------------------------------------------- */

  let beforeDrawer = null;

  function drawerOpened(root) {
    const drawer = (root.matches && root.matches('[data-drawer]') ? root : root.querySelector('[data-drawer]'));
    if (!drawer) return;
    if (document.activeElement && document.activeElement !== document.body) beforeDrawer = document.activeElement;
    drawer.focus();
  }

  function closeDrawer() {
    const drawer = document.querySelector('[data-drawer]');
    if (!drawer) return false;
    const link = drawer.querySelector('[data-close]');
    if (link) link.click(); else drawer.remove();
    if (beforeDrawer && beforeDrawer.isConnected) beforeDrawer.focus();
    return true;
  }

  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Tab') return;
    const drawer = document.querySelector('[data-drawer]');
    if (!drawer || !drawer.contains(document.activeElement)) return;
    const stops = Array.from(drawer.querySelectorAll('a[href], button, input, select, textarea')).filter(Keshu.visible);
    if (!stops.length) return;
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge || document.activeElement === drawer && event.shiftKey) {
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
      event.preventDefault();
    }
  });

  /* --- shortcuts: whatever carries data-key ---------------------------------------------------------------------------- */

  Keshu.keysOff = keysOff;
  function keysOff() { return window.localStorage.getItem(KEYS_OFF) === '1'; }

  function keyed(key) {
    return Array.from(document.querySelectorAll('[data-key]')).find(function (node) {
      return node.dataset.key.toLowerCase() === key && Keshu.visible(node);
    });
  }

  function showShortcuts() {
    let dialog = document.getElementById('ks-shortcuts');
    if (dialog) dialog.remove();
    dialog = element('dialog', 'ks-dialog');
    dialog.id = 'ks-shortcuts';
    dialog.setAttribute('aria-labelledby', 'ks-shortcuts-title');
    const title = element('h2', '', '快捷键');
    title.id = 'ks-shortcuts-title';
    const list = element('dl', 'ks-keys');
    function row(keys, said) {
      const term = element('dt');
      keys.forEach(function (key) { term.append(element('span', 'ks-key', key), ' '); });
      list.append(term, element('dd', '', said));
    }
    const seen = new Set();
    document.querySelectorAll('[data-key]').forEach(function (node) {
      const key = node.dataset.key.toUpperCase();
      if (seen.has(key) || !Keshu.visible(node)) return;
      seen.add(key);
      row([key], node.dataset.keyLabel || node.textContent.trim());
    });
    if (document.querySelector('.mx')) {
      row(['↑', '↓'], '上一行、下一行');
      row(['←', '→'], '左右换格；在表头上换展开的指标');
      row(['Enter'], '看出处');
    }
    if (document.querySelector('.rg-table')) {
      row(['J', 'K'], '下一行、上一行');
      if (document.querySelector('.rg-table input[name="row"]')) row(['X'], '勾选这一行');
      row(['Enter'], '打开这一行');
    }
    row(['Esc'], '收起弹出的内容，回到原处');
    row(['?'], '看快捷键');
    const body = element('div', 'ks-dialog-body');
    const label = element('label', 'row-flex small');
    const off = element('input');
    off.type = 'checkbox';
    off.checked = keysOff();
    off.addEventListener('change', function () { window.localStorage.setItem(KEYS_OFF, off.checked ? '1' : '0'); });
    label.append(off, element('span', '', '停用单个字母的快捷键（读屏、语音输入时）'));
    body.append(list, label);
    const foot = element('div', 'ks-dialog-foot');
    const close = element('button', 'ks-btn sm', '收起');
    close.type = 'button';
    close.addEventListener('click', function () { dialog.close(); });
    foot.appendChild(close);
    dialog.append(title, body, foot);
    const back = document.activeElement;
    dialog.addEventListener('close', function () { dialog.remove(); if (back) back.focus(); });
    document.body.appendChild(dialog);
    dialog.showModal();
  }

  document.addEventListener('keydown', function (event) {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Escape') {
      const note = document.querySelector('.ks-note');
      if (Keshu.closeTrace && Keshu.closeTrace()) event.preventDefault();
      else if (closeDrawer()) event.preventDefault();
      else if (note) note.remove();
      else if (document.activeElement && document.activeElement.matches('[type="search"]')) document.activeElement.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || Keshu.typing(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key === '?') {
      showShortcuts();
      event.preventDefault();
      return;
    }
    if (event.key.length !== 1 || keysOff()) return;
    const node = keyed(event.key.toLowerCase());
    if (!node) return;
    event.preventDefault();
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)) { node.focus(); if (node.select) node.select(); } else node.click();
  });

  document.addEventListener('click', function (event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest('[data-shortcuts]')) showShortcuts();
    if (target.closest('[data-print]')) window.print();
    const kept = target.closest('[data-keep]');
    if (kept) {
      const asked = kept.closest('details');
      asked.open = false;
      asked.querySelector('summary').focus();
    }
    const more = target.closest('[data-more-columns]');
    if (more) {
      const table = document.querySelector(more.dataset.moreColumns);
      const on = table.classList.toggle('show-all');
      more.setAttribute('aria-pressed', String(on));
      more.textContent = on ? '只看前几列' : '更多列';
    }
  });

  /* --- htmx: wait quietly, say what changed, say what failed -------------------------------------------------------------- */

  const waiting = new WeakMap();

  document.addEventListener('htmx:beforeRequest', function (event) {
    const target = event.detail.target;
    waiting.set(target, window.setTimeout(function () {
      target.classList.add('is-loading');
      target.setAttribute('aria-busy', 'true');
    }, 300));
  });

  document.addEventListener('htmx:afterRequest', function (event) {
    const target = event.detail.target;
    window.clearTimeout(waiting.get(target));
    target.classList.remove('is-loading');
    target.removeAttribute('aria-busy');
  });

  document.addEventListener('htmx:afterSettle', function (event) {
    const fresh = event.detail.elt;
    const said = fresh.dataset && fresh.dataset.announce;
    if (said) Keshu.announce(said);
    drawerOpened(fresh);
  });

  /* the server may also send HX-Trigger: {"announce": {"value": "…"}} */
  document.addEventListener('announce', function (event) { Keshu.announce(event.detail.value || event.detail.text || ''); });

  document.addEventListener('htmx:sendError', function () {
    Keshu.note('没有连上服务器，页面还是原来的。', '看一下网络，再点一次。', 'late');
  });

  document.addEventListener('htmx:responseError', function (event) {
    const status = event.detail.xhr.status;
    if (status === 403) Keshu.note('这一步现在的岗位不能做，什么也没有改。', '有几个岗位的，先在右上角换一个。', 'late');
    else if (status === 404) Keshu.note('要看的内容已经不在原处。', '刷新这一页再试。', 'late');
    else Keshu.note('这一步没有做完，什么也没有改（' + status + '）。', '再试一次；仍然不行，把时间告诉系统管理员。', 'late');
  });

  /* --- paper and phone ------------------------------------------------------------------------------------------------------ */

  function ready() {
    const foot = document.body.dataset.printFoot;
    if (foot) document.documentElement.style.setProperty('--ks-print-foot', JSON.stringify(foot));
    drawerOpened(document.body);

    // On a phone the conclusion shrinks to one line once it has been scrolled past.
    const lead = document.querySelector('[data-lead]');
    if (lead && window.matchMedia('(max-width: 767.98px)').matches) {
      const limit = lead.offsetTop + lead.offsetHeight;
      window.addEventListener('scroll', function () { lead.classList.toggle('is-short', window.scrollY > limit); }, { passive: true });
    }
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready); else ready();
})();
