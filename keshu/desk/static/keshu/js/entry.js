/* Keshu 科枢 · 填报: saved as typed, keyboard from cell to cell, remarks from the server beside the cell, nothing lost offline. */
(function () {
  'use strict';

  const table = document.getElementById('en');
  if (!table) return;
  const Keshu = window.Keshu;
  const foot = document.getElementById('en-foot');
  const saved = document.getElementById('en-saved');
  const storeKey = 'keshu.entry.' + table.dataset.keyStore;
  const token = (document.querySelector('input[name=csrfmiddlewaretoken]') || {}).value || '';
  const picks = table.querySelector('[data-pick]');
  const reasons = picks ? Array.from(picks.options, function (o) { return o.value; }).filter(function (v) { return v && v !== 'zero' && v !== 'note'; }) : [];
  const PAUSE = 800, RETRY = 15000;
  const kept = new Set();  // rows this window could not send; another window sends its own
  const queued = [];  // changes that wait for those before them
  let queue = Promise.resolve(), timer = 0, flying = null;

  function lineOf(row) { return document.getElementById('row-' + row); }
  function rowOf(node) { return node.closest('tr[data-row]').dataset.row; }
  function inputs() { return Array.from(table.querySelectorAll('input.en-cell[data-text]')); }
  function columnOf(input) { return input.hasAttribute('data-estimate') ? Array.from(table.querySelectorAll('input[data-estimate]')) : inputs(); }

  /* --- what waits on this machine: one entry per row, with the version its writer saw ------------------------------- */

  function waiting() { try { return JSON.parse(localStorage.getItem(storeKey) || '{}'); } catch (e) { return {}; } }
  function store(all) {
    try { if (Object.keys(all).length) localStorage.setItem(storeKey, JSON.stringify(all)); else localStorage.removeItem(storeKey); } catch (e) { /* private window: the page keeps it */ }
  }
  /** A number, a zero and a reason take each other's place; a note and an estimate stand beside them. */
  function merged(old, body) {
    const kept = Object.assign({}, old);
    if (body.text !== undefined || body.zero || body.absence !== undefined) { delete kept.text; delete kept.zero; delete kept.absence; }
    return Object.assign(kept, body);
  }
  function keep(row, body, version, words) {
    const all = waiting(), old = all[row];
    all[row] = { body: merged(old ? old.body : {}, body), version: old ? old.version : version };
    store(all);
    kept.add(row);
    const input = lineOf(row).querySelector('input[data-text]');
    if (input) input.classList.add('is-waiting');
    saved.textContent = words || '已存在本机，联网后送出';
    Keshu.announce(saved.textContent);
  }

  /* --- sending ------------------------------------------------------------------------------------------------------ */

  function post(url, body) {
    return fetch(url, {
      method: 'POST', credentials: 'same-origin', keepalive: true, body: JSON.stringify(body),  // it arrives although the page is left
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
    });
  }

  /** Sends one change after those before it. What does not arrive stays on this machine. */
  function send(row, body, seen) {
    const token = { row: row, body: body, seen: seen };
    queued.push(token);
    queue = queue.then(function () {
      if (queued.indexOf(token) < 0) return undefined;  // the page was left: it lies on this machine
      queued.splice(queued.indexOf(token), 1);
      const line = lineOf(row), all = waiting(), earlier = kept.has(row) && all[row];
      if (earlier) {  // an earlier change of this row did not arrive: both go together, the later one holds
        body = merged(earlier.body, body);
        if (seen === undefined) seen = earlier.version;
        delete all[row];
        store(all);
      }
      kept.delete(row);
      const version = seen === undefined ? Number(line.dataset.version) : seen;
      flying = { row: row, body: body, version: version };
      return post(table.dataset.cell, Object.assign({ row: row, version: version }, body)).finally(function () { flying = null; }).then(function (answer) {
        const json = (answer.headers.get('Content-Type') || '').indexOf('json') >= 0;
        if (!json || answer.redirected) { keep(row, body, version, '没有存上（可能已退出登录），写的已存在本机，重新登录后送出'); return; }
        return answer.json().then(function (data) {
          if (answer.ok) { show(data); return; }
          if (answer.status === 409) { conflict(row, body, data); return; }
          saved.textContent = '没有存上';
          Keshu.note(data.problem || '没有存上，您写的还在。', '', 'late');
        });
      }, function () { keep(row, body, version); });
    });
    return queue;
  }

  function fill(face, line, force) {
    const single = line.querySelector('[data-single]'), total = line.querySelector('[data-cumulative]');
    if (single) single.textContent = face.single;
    if (total) total.textContent = face.cumulative;
    line.dataset.version = face.version;
    line.dataset.note = face.note;
    [['[data-text]', face.text || face.absence], ['[data-estimate]', face.estimate]].forEach(function (pair) {
      const input = line.querySelector('input' + pair[0]);
      if (!input) return;
      // A change of this row that is not sent yet is newer than what the answer to an earlier one says.
      const typing = document.activeElement === input && input.dataset.sent !== input.value || queued.some(function (one) { return one.row === line.dataset.row; });
      if (force || !typing && !line.querySelector('.en-conflict')) { input.value = pair[1]; input.dataset.sent = pair[1]; }
    });
    const input = line.querySelector('input[data-text]'), zero = line.querySelector('[data-zero]'), blank = line.querySelector('[data-blank]');
    if (input) {
      input.classList.toggle('bad', face.severity === 'red');
      input.classList.toggle('warn', face.severity === 'amber');
      input.classList.remove('is-waiting');
    }
    if (zero) zero.hidden = !face.zero;
    if (blank) blank.hidden = Boolean(face.text || face.absence);
    const remarks = line.querySelector('[data-remarks]');
    if (remarks && face.remarks !== null && !remarks.querySelector('input')) remarks.innerHTML = face.remarks;
  }

  function show(data) {
    saved.textContent = '✓ 已存 ' + data.saved;
    Object.keys(data.rows).forEach(function (pk) { const line = lineOf(pk); if (line) fill(data.rows[pk], line, false); });
    ['done', 'of', 'red', 'amber', 'empty'].forEach(function (name) {
      const node = foot.querySelector('[data-' + name + ']'), box = foot.querySelector('[data-' + name + '-box]');
      if (node) node.textContent = data.foot[name];
      if (box) box.hidden = !data.foot[name];
    });
    foot.dataset.first = data.foot.first_open === null ? '' : data.foot.first_open;
    foot.dataset.left = data.foot.left;
  }

  /* --- two at once: the second sees what changed and keeps what was written ------------------------------------------ */

  function conflict(row, body, data) {
    const line = lineOf(row), home = line.querySelector('.en-in');
    const old = home.querySelector('.en-conflict');
    if (old) old.remove();
    const box = Keshu.element('div', 'en-conflict', data.problem + ' ');
    box.setAttribute('role', 'alert');
    const mine = Keshu.element('button', 'ks-link', '用我的'), theirs = Keshu.element('button', 'ks-link', '用对方的');
    mine.type = theirs.type = 'button';
    mine.addEventListener('click', function () { box.remove(); send(row, body, data.rows[row].version); });
    theirs.addEventListener('click', function () { box.remove(); fill(data.rows[row], line, true); show(data); });
    box.append(mine, theirs);
    home.appendChild(box);
    line.dataset.version = data.rows[row].version;
    saved.textContent = '有一格两个人都改了，没有存';
  }

  /* --- typing --------------------------------------------------------------------------------------------------------- */

  function unsent(input) { return input.value.trim() !== (input.dataset.sent !== undefined ? input.dataset.sent : input.defaultValue.trim()); }
  function bodyOf(input, text) {
    if (input.hasAttribute('data-estimate')) return { estimate: text };
    if (reasons.indexOf(text) >= 0) return { absence: text };
    return text === '' ? { text: '', absence: '' } : { text: text };
  }

  function commit(input) {
    window.clearTimeout(timer);
    const text = input.value.trim();
    if (!unsent(input)) return;
    input.dataset.sent = text;
    send(rowOf(input), bodyOf(input, text));
  }

  function go(from, step) {
    const all = columnOf(from), next = all[all.indexOf(from) + step];
    if (next) { next.focus(); next.select(); }
  }

  function zeroAt(input) {
    input.dataset.sent = input.value;
    return send(rowOf(input), { zero: true });
  }

  function isCell(node) { return node instanceof HTMLInputElement && node.classList.contains('en-cell'); }

  table.addEventListener('focusin', function (event) { if (isCell(event.target)) event.target.dataset.before = event.target.value; });
  table.addEventListener('input', function (event) {
    if (!isCell(event.target)) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { if (event.target.isConnected) commit(event.target); }, PAUSE);
  });
  table.addEventListener('focusout', function (event) { if (isCell(event.target)) commit(event.target); });
  table.addEventListener('keydown', function (event) {
    const input = event.target;
    if (!isCell(input) || event.ctrlKey || event.metaKey) return;
    const key = event.code === 'KeyZ' ? 'z' : event.code === 'KeyN' ? 'n' : event.code === 'KeyC' ? 'c' : event.key;  // a Chinese input method hides the letter
    if (event.altKey && key === 'ArrowDown') {
      const pick = input.parentElement.querySelector('[data-pick]');
      if (pick) { event.preventDefault(); pick.focus(); if (pick.showPicker) { try { pick.showPicker(); } catch (e) { /* it has the focus */ } } }
    } else if (key === 'Enter' || key === 'ArrowDown') { event.preventDefault(); commit(input); go(input, 1); }
    else if (key === 'Tab') {  // to the next cell; at either end on to the rest of the page
      const all = Array.from(table.querySelectorAll('input.en-cell')), next = all[all.indexOf(input) + (event.shiftKey ? -1 : 1)];
      if (next) { event.preventDefault(); commit(input); next.focus(); next.select(); }
    }
    else if (key === 'ArrowUp') { event.preventDefault(); commit(input); go(input, -1); }
    else if (key === 'Escape') { event.preventDefault(); event.stopPropagation(); input.value = input.dataset.before || ''; commit(input); input.select(); }
    else if (key === 'z' && input.hasAttribute('data-text')) { event.preventDefault(); zeroAt(input).then(function () { go(input, 1); }); }
    else if (key === 'c') {
      const figure = lineOf(rowOf(input)).querySelector('a.fig');
      if (figure) { event.preventDefault(); commit(input); figure.focus(); }
    }
    else if (key === 'n') { event.preventDefault(); commit(input); askNote(rowOf(input), null); }
  });

  table.addEventListener('paste', function (event) {
    const input = event.target, text = (event.clipboardData || { getData: function () { return ''; } }).getData('text');
    if (!isCell(input) || !input.hasAttribute('data-text') || !/\n/.test(text.trim())) return;
    event.preventDefault();
    const texts = text.replace(/\r/g, '').replace(/\n$/, '').split('\n').map(function (l) { return l.split('\t')[0]; });
    whole(table.dataset.paste, { row: rowOf(input), texts: texts }, '贴了 ' + texts.length + ' 行');
  });

  /** A change of many cells at once: all or nothing, never kept for later. */
  function whole(url, body, said) {
    queue = queue.then(function () {
      return post(url, body).then(function (answer) {
        return answer.json().then(function (data) {
          if (!answer.ok) { Keshu.note(data.problem, '', 'late'); return; }
          inputs().forEach(function (one) { one.dataset.sent = one.value; });
          show(data);
          Keshu.announce(said);
        });
      }).catch(function () { Keshu.note('没有连上服务器，一格也没有改。', '连上以后再来一次。', 'late'); });
    });
  }

  /* --- reasons, notes, proposals ----------------------------------------------------------------------------------------- */

  table.addEventListener('change', function (event) {
    const pick = event.target;
    if (!(pick instanceof HTMLSelectElement) || !pick.value) return;
    const input = pick.parentElement.querySelector('input[data-text]'), chosen = pick.value;
    pick.value = '';
    if (chosen === 'zero') zeroAt(input);
    else if (chosen === 'note') { askNote(rowOf(input), null); return; }
    else { input.value = chosen; commit(input); }
    input.focus();
  });

  table.addEventListener('click', function (event) {
    const button = event.target instanceof Element ? event.target.closest('[data-propose], [data-note-for]') : null;
    if (!button) return;
    if (button.dataset.propose !== undefined) send(button.dataset.row, { text: button.dataset.propose });
    else askNote(button.dataset.noteFor, button);
  });

  function askNote(row, button) {
    const line = lineOf(row), home = lineOf(line.dataset.group).querySelector('[data-remarks]');
    const box = Keshu.element('input', 'ks-input');
    box.maxLength = 200;
    box.dataset.noteOf = row;
    box.value = line.dataset.note || '';
    box.setAttribute('aria-label', line.querySelector('th').textContent + ' 的说明');
    box.placeholder = '说明，随数一起走；回车存，Esc 不存';
    if (button) button.replaceWith(box); else home.appendChild(box);
    box.focus();
    let done = false;
    function close(keepIt) {
      if (done) return;
      done = true;
      const words = box.value, changed = words.trim() !== (line.dataset.note || '');
      box.remove();
      if (keepIt && changed) send(row, { note: words });
      else if (button) send(row, {});
      const input = line.querySelector('input.en-cell');
      if (input) input.focus();
    }
    box.addEventListener('keydown', function (event) {
      event.stopPropagation();
      if (event.key === 'Enter' && !event.isComposing) { event.preventDefault(); close(true); }
      else if (event.key === 'Escape') { event.preventDefault(); close(false); }
    });
    box.addEventListener('blur', function () { close(true); });
  }

  /* --- the foot --------------------------------------------------------------------------------------------------------- */

  function jump() {
    const line = foot.dataset.first && lineOf(foot.dataset.first);
    if (!line) { Keshu.announce('没有待处理的了'); return; }
    table.querySelectorAll('.is-target').forEach(function (old) { old.classList.remove('is-target'); });
    line.classList.add('is-target');
    line.scrollIntoView({ block: 'center' });
    const input = line.querySelector('input.en-cell');
    if (input) { input.focus(); input.select(); }
  }

  const next = document.getElementById('en-next'), zero = document.getElementById('en-all-zero'), act = document.getElementById('en-act');
  if (next) next.addEventListener('click', function () { queue.then(jump); });
  if (zero) zero.addEventListener('click', function () {
    if (!zero.dataset.sure) { zero.dataset.sure = '1'; zero.textContent = '空着的全报零，再按一次'; return; }
    delete zero.dataset.sure;
    zero.textContent = '全表零报告';
    whole(table.dataset.zero, {}, '空着的都已零报告');
  });
  if (act) act.addEventListener('submit', function (event) {
    const button = event.submitter;
    if (!button || !button.hasAttribute('data-forward') || button.dataset.ready) return;
    event.preventDefault();
    queue.then(function () {
      const unsent = kept.size, left = Number(foot.dataset.left);
      if (unsent) { Keshu.note('有 ' + unsent + ' 格还在本机，没有送到。', '连上以后再' + button.textContent + '。', 'late'); return; }
      if (left) { Keshu.note('还差 ' + left + ' 处。', '已跳到第一处。', 'slow'); jump(); return; }
      button.dataset.ready = '1';
      // Not within this event: a form that is being submitted ignores a second request.
      window.setTimeout(function () { act.requestSubmit(button); }, 0);
    });
  });

  /* --- what was left from a broken connection ------------------------------------------------------------------------------ */

  /** Sends what lies on this machine: at first everything that an earlier window left, later what this one could not send. */
  function flush(rows) {
    const all = waiting(), found = rows.filter(function (row) { return all[row] && all[row].body && lineOf(row); })
      .map(function (row) { return [row, all[row]]; });
    rows.forEach(function (row) { delete all[row]; kept.delete(row); });
    store(all);
    found.forEach(function (pair) {
      const input = lineOf(pair[0]).querySelector('input[data-text]');
      if (input && pair[1].body.text !== undefined) { input.value = pair[1].body.text; input.dataset.sent = pair[1].body.text; }
      send(pair[0], pair[1].body, pair[1].version);
    });
  }
  function again() { if (kept.size) flush(Array.from(kept)); }
  window.addEventListener('online', again);
  /** Left in the middle of a word: what is not answered yet lies on this machine until the page is opened again. Asked twice:
      when the leaving begins (the next page may be read before what is on its way has arrived) and when it ends. */
  function left(ended) {
    // What is on its way arrives and moves its cell one version on; sent a second time, the same again is no conflict.
    let away = flying;
    function later(row, body, seen) {
      if (away && away.row === row) { keep(row, merged(away.body, body), away.version + 1); away = null; }
      else keep(row, body, seen !== undefined ? seen : Number(lineOf(row).dataset.version));
    }
    window.clearTimeout(timer);
    (ended ? queued.splice(0) : queued).forEach(function (one) { later(one.row, one.body, one.seen); });
    const input = document.activeElement;
    if (isCell(input) && unsent(input)) later(rowOf(input), bodyOf(input, input.value.trim()));
    const row = input && input.dataset ? input.dataset.noteOf : '';
    if (row && input.value.trim() !== (lineOf(row).dataset.note || '')) later(row, { note: input.value });
    if (away) keep(away.row, away.body, away.version);
  }
  window.addEventListener('beforeunload', function () { left(false); });
  window.addEventListener('pagehide', function () { left(true); });
  window.setInterval(function () { if (navigator.onLine) again(); }, RETRY);
  flush(Object.keys(waiting()));
  if (/^#row-/.test(window.location.hash)) jump();
})();
