/* Keshu 科枢 · 调度: after a swap the focus stays on the head that was used, also when the open column moved. */
(function () {
  'use strict';

  const Keshu = window.Keshu;
  let wanted = null;

  document.addEventListener('htmx:beforeRequest', function (event) {
    const used = event.detail.elt;
    wanted = used instanceof HTMLElement && used.closest('#dispatch-card') ? used.id : null;
  });

  document.addEventListener('htmx:afterSettle', function (event) {
    if (event.detail.elt.id !== 'dispatch-card') return;
    if (Keshu.drawCharts) Keshu.drawCharts();
    const back = wanted && document.getElementById(wanted);
    wanted = null;
    if (back && document.activeElement !== back) back.focus({ preventScroll: true });
  });
})();
