/* Keshu 科枢 · 给数: nothing can be copied or noted before a difference to what left earlier has been acknowledged. */
(function () {
  'use strict';

  const known = document.querySelector('[data-give-known]');
  if (!known) return;
  const copies = document.querySelectorAll('[data-copy-text], [data-copy-table], [data-copy-image]');
  const record = document.querySelector('[data-give-record]');

  function follow() {
    copies.forEach(function (button) { button.disabled = !known.checked; });
    if (record) record.disabled = !known.checked;
  }

  known.addEventListener('change', follow);
  follow();
})();
