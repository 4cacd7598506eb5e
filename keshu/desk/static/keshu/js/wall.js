/* Keshu 科枢 · 大屏: it asks once a minute. What does not come is said on the wall, and the picture stays. */
(function () {
  'use strict';

  function lost() {
    const words = document.querySelector('.wl-lost');
    if (words) words.hidden = false;
  }

  document.addEventListener('htmx:sendError', lost);
  document.addEventListener('htmx:responseError', lost);
  document.addEventListener('htmx:timeout', lost);
  // A sign-in page is no wall: keep the picture and say so.
  document.addEventListener('htmx:beforeSwap', function (event) {
    if (event.detail.xhr.responseText.indexOf('id="wall"') === -1) {
      event.detail.shouldSwap = false;
      lost();
    }
  });
})();
