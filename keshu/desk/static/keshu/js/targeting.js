/* Keshu 科枢 · the tree of targets by keyboard: ↑↓ move, → opens a branch, ← closes it, space locks, Enter edits. */
(function () {
  'use strict';

  const tree = document.querySelector('[data-tree]');
  if (!tree) return;
  const lines = Array.from(tree.querySelectorAll('[data-line]'));

  function stand(line) {
    lines.forEach(function (one) { one.tabIndex = one === line ? 0 : -1; });
    line.focus();
  }

  function beside(line, step) {
    return lines[lines.indexOf(line) + step];
  }

  function turn(line, wanted) {
    const door = line.querySelector('[data-open]');
    if (!door || (door.dataset.open === '1') === wanted) return false;
    door.click();
    return true;
  }

  const KEYS = {
    ArrowDown: function (line) { const next = beside(line, 1); if (next) stand(next); return true; },
    ArrowUp: function (line) { const next = beside(line, -1); if (next) stand(next); return true; },
    ArrowRight: function (line) { return turn(line, true); },
    ArrowLeft: function (line) { return turn(line, false); },
    ' ': function (line) { const lock = line.querySelector('[data-lock]'); if (lock) lock.click(); return Boolean(lock); },
    Enter: function (line) { const edit = line.querySelector('[data-edit]'); if (edit) edit.click(); return Boolean(edit); },
  };

  tree.addEventListener('keydown', function (event) {
    if (event.target.closest('a, button, input, select') || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const line = event.target.closest('[data-line]');
    const act = KEYS[event.key];
    if (line && act && act(line)) event.preventDefault();
  });

  // A branch that was opened or a lock that was turned comes back to its line.
  const at = location.hash.startsWith('#g') ? document.getElementById(location.hash.slice(1)) : null;
  if (at && at.matches('[data-line]')) stand(at);
})();
