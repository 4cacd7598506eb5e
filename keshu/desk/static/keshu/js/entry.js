/* Keshu 科枢 · 填报: saved as typed, keyboard from cell to cell, remarks from the server beside the cell, nothing lost offline. */
(function () {
  'use strict';

  const table = document.getElementById('en');
  if (!table) return;
  const foot = document.getElementById('en-foot');
  const saved = document.getElementById('en-saved');
  const storeKey = 'keshu.entry.' + table.dataset.keyStore;
  const token = (document.querySelector('input[name=csrfmiddlewaretoken]') || {}).value || '';
  const reasons = Array.from(document.querySelectorAll('#en-reasons option'), function (o) { return o.value; });
  let queue = Promise.resolve();

  function rowOf(node) { return node.closest('tr[data-row]'); }
  function inputs() { return Array.from(table.querySelectorAll('input.en-cell[data-text]')); }

  /* --- what waits on this machine ---------------------------------------------------------------------------------- */

  function waiting() { try { return JSON.parse(localStorage.getItem(storeKey) || '{}'); } catch (e) { return {}; } }
  function keep(row, body) {
    const all = waiting();
    all[row] = Object.assign(all[row] || {}, body);
    try { localStorage.setItem(storeKey, JSON.stringify(all)); } catch (e) { /* private window: the page keeps it */ }
    saved.textContent = '已存在本机，联网后送出';
  }
  function drop(row) {
    const all = waiting();
    delete all[row];
    if (Object.keys(all).length) localStorage.setItem(storeKey, JSON.stringify(all)); else localStorage.removeItem(storeKey);
  }

  /* --- sending ------------------------------------------------------------------------------------------------------ */

  function post(url, body) {
    return fetch(url, {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
    });
  }

  function send(row, body) {
    queue = queue.then(function () {
      const line = table.querySelector('tr[data-row="' + row + '"]');
      const version = line ? Number(line.dataset.version) : 0;
      return post(table.dataset.cell, Object.assign({ row: row, version: version }, body)).then(function (answer) {
        return answer.json().then(function (data) {
          drop(row);
          if (answer.ok) return show(data);
          if (answer.status === 409 && line) line.dataset.version = data.version;
          window.Keshu.note(data.problem || '没有存上，您写的还在。', '', 'late');
        });
      }).catch(function () { keep(row, body); });
    });
    return queue;
  }

  function show(data) {
    saved.textContent = '✓ 已存 ' + data.saved;
    Object.keys(data.rows).forEach(function (pk) {
      const line = table.querySelector('tr[data-row="' + pk + '"]');
      if (!line) return;
      const face = data.rows[pk];
      line.dataset.version = face.version;
      line.dataset.severity = face.severity;
      line.dataset.note = face.note;
      const single = line.querySelector('[data-single]'), total = line.querySelector('[data-cumulative]');
      if (single) single.textContent = face.single;
      if (total) total.textContent = face.cumulative;
      const input = line.querySelector('input[data-text]');
      if (input) {
        if (document.activeElement !== input || input.dataset.sent === input.value) input.value = face.text || face.absence;
        input.classList.toggle('bad', face.severity === 'red');
        input.classList.toggle('warn', face.severity === 'amber');
        const zero = line.querySelector('[data-zero]');
        if (zero) zero.hidden = !face.zero;
      }
      line.querySelector('[data-remarks]').innerHTML = face.remarks;
    });
    ['done', 'of', 'red', 'amber', 'empty'].forEach(function (name) {
      const node = foot.querySelector('[data-' + name + ']'), box = foot.querySelector('[data-' + name + '-box]');
      if (node) node.textContent = data.foot[name];
      if (box) box.hidden = !data.foot[name];
    });
    foot.dataset.first = data.foot.first_open === null ? '' : data.foot.first_open;
  }

  function commit(input) {
    const text = input.value.trim();
    if (text === input.defaultValue.trim() && input.dataset.sent === undefined) return;
    if (input.dataset.sent === text) return;
    input.dataset.sent = input.value = text;
    const row = rowOf(input).dataset.row;
    if (input.hasAttribute('data-estimate')) send(row, { estimate: text });
    else if (reasons.indexOf(text) >= 0) send(row, { absence: text });
    else send(row, text === '' ? { text: '', absence: '' } : { text: text });
  }

  /* --- keyboard ----------------------------------------------------------------------------------------------------- */

  function go(from, step) {
    const all = inputs(), next = all[all.indexOf(from) + step];
    if (next) { next.focus(); next.select(); }
  }

  table.addEventListener('keydown', function (event) {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !input.classList.contains('en-cell')) return;
    if (event.key === 'Enter' || event.key === 'ArrowDown') { event.preventDefault(); commit(input); go(input, 1); }
    else if (event.key === 'ArrowUp') { event.preventDefault(); commit(input); go(input, -1); }
    else if (event.key === 'Escape') { input.value = input.dataset.sent !== undefined ? input.dataset.sent : input.defaultValue; input.select(); }
    else if ((event.key === 'z' || event.key === 'Z') && !event.ctrlKey && !event.metaKey && input.hasAttribute('data-text')) {
      event.preventDefault();
      input.dataset.sent = input.value;
      send(rowOf(input).dataset.row, { zero: true }).then(function () { go(input, 1); });
    }
  });
  table.addEventListener('focusout', function (event) {
    if (event.target instanceof HTMLInputElement && event.target.classList.contains('en-cell')) commit(event.target);
  });
  table.addEventListener('paste', function (event) {
    const input = event.target, text = (event.clipboardData || { getData: function () { return ''; } }).getData('text');
    if (!(input instanceof HTMLInputElement) || !input.hasAttribute('data-text') || !/\n/.test(text.trim())) return;
    event.preventDefault();
    const texts = text.replace(/\r/g, '').replace(/\n$/, '').split('\n').map(function (l) { return l.split('\t')[0]; });
    queue = queue.then(function () {
      return post(table.dataset.paste, { row: rowOf(input).dataset.row, texts: texts }).then(function (answer) {
        return answer.json().then(function (data) {
          if (!answer.ok) { window.Keshu.note(data.problem, '', 'late'); return; }
          inputs().forEach(function (one) { delete one.dataset.sent; });
          input.blur();
          show(data);
        });
      });
    });
  });

  /* --- buttons ------------------------------------------------------------------------------------------------------ */

  table.addEventListener('click', function (event) {
    const button = event.target instanceof Element ? event.target.closest('[data-propose], [data-note-for]') : null;
    if (!button) return;
    if (button.dataset.propose !== undefined) send(button.dataset.row, { text: button.dataset.propose });
    else askNote(button.dataset.noteFor, button);
  });

  function askNote(row, button) {
    const line = table.querySelector('tr[data-row="' + row + '"]');
    const box = document.createElement('input');
    box.className = 'ks-input';
    box.maxLength = 200;
    box.value = line.dataset.note || '';
    box.setAttribute('aria-label', '说明');
    box.placeholder = '说明，随数一起走；回车存';
    button.replaceWith(box);
    box.focus();
    let done = false;
    function store() { if (!done) { done = true; send(row, { note: box.value }); } }
    box.addEventListener('keydown', function (event) { if (event.key === 'Enter') { event.preventDefault(); store(); } event.stopPropagation(); });
    box.addEventListener('blur', store);
  }

  function jump() {
    const line = foot.dataset.first && document.getElementById('row-' + foot.dataset.first);
    if (!line) { window.Keshu.announce('没有待处理的了'); return; }
    table.querySelectorAll('.is-target').forEach(function (old) { old.classList.remove('is-target'); });
    line.classList.add('is-target');
    line.scrollIntoView({ block: 'center' });
    const input = line.querySelector('input.en-cell');
    if (input) { input.focus(); input.select(); }
  }
  const next = document.getElementById('en-next'), zero = document.getElementById('en-all-zero');
  if (next) next.addEventListener('click', jump);
  if (zero) zero.addEventListener('click', function () {
    if (!zero.dataset.sure) { zero.dataset.sure = '1'; zero.textContent = '空着的全报零，再按一次'; return; }
    delete zero.dataset.sure;
    zero.textContent = '全表零报告';
    queue = queue.then(function () {
      return post(table.dataset.zero, {}).then(function (a) { return a.json().then(function (d) { if (a.ok) show(d); else window.Keshu.note(d.problem, '', 'late'); }); });
    });
  });
  if (/^#row-/.test(window.location.hash)) jump();

  /* --- what was left from a broken connection ------------------------------------------------------------------------ */

  function flush() { const all = waiting(); Object.keys(all).forEach(function (row) { send(row, all[row]); }); }
  window.addEventListener('online', flush);
  flush();
})();
