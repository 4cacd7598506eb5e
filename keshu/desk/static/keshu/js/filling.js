/* Keshu 科枢 · 套表: arrow keys walk over the cells of the sheet, the chosen one is marked. */
(function () {
  'use strict';

  const grid = document.querySelector('[data-grid]');
  if (!grid) return;

  function middle(node) { const box = node.getBoundingClientRect(); return { x: box.left + box.width / 2, y: box.top + box.height / 2, h: box.height, w: box.width }; }

  /** The nearest cell in the direction of an arrow key. */
  function next(from, dx, dy) {
    const here = middle(from);
    let best = null, least = Infinity;
    grid.querySelectorAll('[data-cell]').forEach(function (node) {
      if (node === from) return;
      const there = middle(node), x = there.x - here.x, y = there.y - here.y;
      const along = dx ? x * dx : y * dy, across = Math.abs(dx ? y : x);
      if (along <= 1) return;
      const far = along + across * 4;
      if (far < least) { least = far; best = node; }
    });
    return best;
  }

  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  grid.addEventListener('keydown', function (event) {
    const from = event.target.closest('[data-cell]'), step = ARROWS[event.key];
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && from.tagName === 'INPUT') {  // as in a sheet: down, not sent
      event.preventDefault();
      const below = next(from, 0, 1);
      if (below) below.focus();
      return;
    }
    if (!step || from.tagName === 'INPUT' && step[0]) return;
    const to = next(from, step[0], step[1]);
    if (to) { event.preventDefault(); to.focus(); }
  });

  grid.addEventListener('click', function (event) {
    const cell = event.target.closest('a[data-cell]');
    if (!cell) return;
    grid.querySelectorAll('.is-on').forEach(function (old) { old.classList.remove('is-on'); });
    cell.closest('td').classList.add('is-on');
  });

  document.body.addEventListener('htmx:afterSwap', function (event) {
    if (event.detail.target.id === 'fl-panel') {
      const thing = document.getElementById('fl-thing');
      if (thing) thing.focus();
    }
  });

  const chosen = grid.querySelector('.is-on a');
  if (chosen) chosen.scrollIntoView({ block: 'nearest', inline: 'nearest' });
})();
