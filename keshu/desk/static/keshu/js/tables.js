/* Keshu 科枢 · moving through a matrix (.mx) with the arrow keys. Tab order stays what the document says. */
(function () {
  'use strict';

  const Keshu = window.Keshu;
  const STOPS = 'a[href], button, input, select';

  function columnOf(cell) {
    let column = 0;
    for (let before = cell.previousElementSibling; before; before = before.previousElementSibling) column += before.colSpan;
    return column;
  }

  function cellAt(row, column) {
    let start = 0;
    for (const cell of row.cells) {
      if (column < start + cell.colSpan) return cell;
      start += cell.colSpan;
    }
    return null;
  }

  function stopIn(cell) {
    return cell ? Array.from(cell.querySelectorAll(STOPS)).find(Keshu.visible) : null;
  }

  function vertical(cell, step) {
    const column = columnOf(cell);
    let row = cell.parentElement;
    for (;;) {
      row = step > 0 ? row.nextElementSibling : row.previousElementSibling;
      if (!row) return null;
      const stop = stopIn(cellAt(row, column));
      if (stop) return stop;
    }
  }

  function horizontal(cell, step) {
    for (let next = cell; next;) {
      next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
      const stop = stopIn(next);
      if (stop) return stop;
    }
    return null;
  }

  /** Opens the neighbouring indicator: heads carry links marked data-column, the open one aria-expanded="true". */
  function openNeighbour(table, step) {
    const heads = Array.from(table.querySelectorAll('[data-column]'));
    const next = heads[heads.findIndex(function (head) { return head.getAttribute('aria-expanded') === 'true'; }) + step];
    if (!next) return false;
    next.click();
    return true;
  }

  const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  document.addEventListener('keydown', function (event) {
    const step = STEPS[event.key];
    if (!step || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || Keshu.typing(event.target)) return;
    const active = document.activeElement;
    const cell = active && active.closest ? active.closest('.mx td, .mx tbody th') : null;
    if (cell) {
      const next = step[1] ? vertical(cell, step[1]) : horizontal(cell, step[0]);
      if (next) {
        next.focus();
        next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        event.preventDefault();
      }
      return;
    }
    const head = active && active.closest ? active.closest('.mx thead') : null;
    const table = head ? head.closest('.mx') : (active === document.body || !active ? document.querySelector('.mx') : null);
    if (!table || !Keshu.visible(table)) return;
    if (step[0] && openNeighbour(table, step[0])) event.preventDefault();
    else if (event.key === 'ArrowDown' && head) {
      const first = stopIn(cellAt(table.tBodies[0].rows[0], columnOf(active.closest('th'))))
        || Array.from(table.tBodies[0].querySelectorAll(STOPS)).find(Keshu.visible);
      if (first) { first.focus(); event.preventDefault(); }
    }
  });
})();
