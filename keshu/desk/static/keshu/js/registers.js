/* Keshu 科枢 · a register: ticked rows are counted, the head ticks a page, a file that is too large is said before it is sent. */
(function () {
  'use strict';

  const form = document.querySelector('[data-ticks]');
  if (form) {
    const all = form.querySelector('[data-tick-all]');
    const said = form.querySelector('[data-ticked]');
    const boxes = Array.from(form.querySelectorAll('input[name="row"]'));
    let last = null;

    function show() {
      const count = boxes.filter(function (box) { return box.checked; }).length;
      said.textContent = count ? '已选 ' + count + ' 条' : '没有勾选';
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
      form.classList.toggle('has-ticks', count > 0);
      boxes.forEach(function (box) { box.closest('tr').classList.toggle('is-on', box.checked); });
    }

    all.addEventListener('change', function () {
      boxes.forEach(function (box) { box.checked = all.checked; });
      show();
    });
    form.addEventListener('click', function (event) {
      const box = event.target;
      if (!boxes.includes(box)) return;
      if (event.shiftKey && last) {
        const ends = [boxes.indexOf(last), boxes.indexOf(box)].sort(function (a, b) { return a - b; });
        boxes.slice(ends[0], ends[1] + 1).forEach(function (one) { one.checked = box.checked; });
      }
      last = box;
      show();
    });
    show();
  }

  /* J and K move from row to row: the focus stands on the name, which Enter opens; X ticks the row. */
  document.addEventListener('keydown', function (event) {
    const key = event.key.toLowerCase();
    if (!['j', 'k', 'x'].includes(key) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (window.Keshu.typing(event.target) || window.Keshu.keysOff() || document.querySelector('dialog[open]')) return;
    const names = Array.from(document.querySelectorAll('.rg-table tbody th a')).filter(window.Keshu.visible);
    if (!names.length) return;
    const row = document.activeElement && document.activeElement.closest('.rg-table tbody tr');
    const at = row ? names.indexOf(row.querySelector('th a')) : -1;
    if (key === 'x') {
      const box = row && row.querySelector('input[name="row"]');
      if (!box) return;
      box.click();
    } else {
      names[Math.max(0, Math.min(names.length - 1, at + (key === 'j' ? 1 : -1)))].focus();
    }
    event.preventDefault();
  });

  document.addEventListener('change', function (event) {
    const input = event.target;
    if (!input.matches || !input.matches('input[type="file"][data-most-bytes]') || !input.files.length) return;
    if (input.files[0].size > Number(input.dataset.mostBytes)) {
      window.Keshu.note('“' + input.files[0].name + '”超过每份 ' + input.dataset.most + ' 的上限，没有选上。', '压缩或拆成几份再选；写的都在。', 'late');
      input.value = '';
    }
  });
})();
