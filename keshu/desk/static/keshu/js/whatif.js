/* Keshu 科枢 · 测算: what a slider stands at is said while it moves; everything else the server computes. */
(function () {
  'use strict';

  document.addEventListener('input', function (event) {
    const slider = event.target;
    if (!(slider instanceof HTMLInputElement) || slider.type !== 'range') return;
    const shown = document.querySelector('[data-shows="' + slider.id + '"]');
    if (!shown) return;
    let text = slider.value.replace('-', '−');
    if (shown.hasAttribute('data-signed') && Number(slider.value) > 0) text = '+' + text;
    const unit = shown.dataset.unit;
    shown.textContent = text + (unit === '%' ? '' : ' ') + unit;
  });
})();
