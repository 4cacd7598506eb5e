/* Keshu 科枢 · copying into a chat or a sheet: text, a table (for Excel and for text), a picture.
   Offices often open the site over plain http, where browsers withhold the clipboard; each way has a fallback. */
(function () {
  'use strict';

  const Keshu = window.Keshu;

  function said(button, words) {
    Keshu.announce(words);
    const before = button.dataset.said || button.innerHTML;
    button.dataset.said = before;
    button.textContent = words;
    window.setTimeout(function () { button.innerHTML = before; delete button.dataset.said; }, 1600);
  }

  function refused() {
    Keshu.note('浏览器没有让复制。', '用鼠标选中，按 Ctrl+C。', 'slow');
  }

  /** Copies through the old way: a copy event that we fill ourselves. */
  function copyOld(plain, html) {
    let done = false;
    function fill(event) {
      event.clipboardData.setData('text/plain', plain);
      if (html) event.clipboardData.setData('text/html', html);
      event.preventDefault();
      done = true;
    }
    const area = Keshu.element('textarea', 'visually-hidden');
    area.value = plain;
    const back = document.activeElement;
    document.body.appendChild(area);
    area.select();
    document.addEventListener('copy', fill, { once: true });
    try { document.execCommand('copy'); } finally {
      document.removeEventListener('copy', fill);
      area.remove();
      if (back) back.focus();
    }
    return done;
  }

  async function copy(plain, html) {
    if (navigator.clipboard && window.isSecureContext) {
      try {
        if (html && window.ClipboardItem) {
          await navigator.clipboard.write([new ClipboardItem({
            'text/plain': new Blob([plain], { type: 'text/plain' }), 'text/html': new Blob([html], { type: 'text/html' }),
          })]);
        } else await navigator.clipboard.writeText(plain);
        return true;
      } catch (error) { /* refused by the browser: try the old way */ }
    }
    return copyOld(plain, html);
  }

  function clean(text) { return text.replace(/[\s\u2009]+/g, ' ').trim(); }

  /** A table as TSV, and as bare HTML that keeps spans for Excel and WPS. */
  Keshu.tableText = function (table) {
    const rows = Array.from(table.rows).map(function (row) {
      return Array.from(row.cells).filter(Keshu.visible).map(function (cell) { return clean(cell.innerText) + '\t'.repeat(cell.colSpan - 1); });
    }).filter(function (row) { return row.length; });
    const bare = document.createElement('table');
    Array.from(table.rows).forEach(function (row) {
      const line = bare.insertRow();
      Array.from(row.cells).filter(Keshu.visible).forEach(function (cell) {
        const made = document.createElement(cell.tagName);
        made.textContent = clean(cell.innerText);
        if (cell.colSpan > 1) made.colSpan = cell.colSpan;
        if (cell.rowSpan > 1) made.rowSpan = cell.rowSpan;
        line.appendChild(made);
      });
    });
    return { plain: rows.map(function (row) { return row.join('\t'); }).join('\n'), html: bare.outerHTML };
  };

  const STYLED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight', 'opacity', 'text-anchor', 'dominant-baseline'];

  /** An SVG that looks the same outside the page: computed styles written into it, paper behind it. */
  function standalone(svg) {
    const copied = svg.cloneNode(true);
    const from = svg.querySelectorAll('*'), to = copied.querySelectorAll('*');
    from.forEach(function (node, index) {
      const style = window.getComputedStyle(node);
      STYLED.forEach(function (name) { to[index].style.setProperty(name, style.getPropertyValue(name)); });
    });
    const box = svg.getBoundingClientRect();
    copied.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copied.setAttribute('width', String(box.width));
    copied.setAttribute('height', String(box.height));
    return { text: new XMLSerializer().serializeToString(copied), width: box.width, height: box.height };
  }

  async function picture(svg) {
    const alone = standalone(svg), scale = 2;
    const image = new Image();
    const url = URL.createObjectURL(new Blob([alone.text], { type: 'image/svg+xml' }));
    try {
      await new Promise(function (resolve, reject) { image.onload = resolve; image.onerror = reject; image.src = url; });
      const canvas = document.createElement('canvas');
      canvas.width = Math.ceil(alone.width * scale);
      canvas.height = Math.ceil(alone.height * scale);
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#ffffff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise(function (resolve, reject) {
        canvas.toBlob(function (blob) { if (blob) resolve(blob); else reject(new Error('empty')); }, 'image/png');
      });
    } finally { URL.revokeObjectURL(url); }
  }

  function save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = (name || '图') + '.png';
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 4000);
  }

  async function copyPicture(button) {
    const holder = document.querySelector(button.dataset.copyImage);
    const svg = holder && (holder.matches('svg') ? holder : holder.querySelector('svg'));
    if (!svg) { Keshu.note('图还没有画出来。', '等一下再复制。', 'slow'); return; }
    let blob;
    try { blob = await picture(svg); } catch (error) { Keshu.note('这个浏览器没有把图转成图片。', '用系统截图代替。', 'slow'); return; }
    if (navigator.clipboard && window.ClipboardItem && window.isSecureContext) {
      try { await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]); said(button, '已复制'); return; } catch (error) { /* saved below */ }
    }
    save(blob, button.dataset.copyName);
    said(button, '已存为图片');
  }

  document.addEventListener('click', async function (event) {
    const button = event.target instanceof Element ? event.target.closest('[data-copy-text], [data-copy-table], [data-copy-image]') : null;
    if (!button) return;
    if (button.dataset.copyImage) { copyPicture(button); return; }
    const source = document.querySelector(button.dataset.copyText || button.dataset.copyTable);
    if (!source) return;
    const parts = button.dataset.copyTable ? Keshu.tableText(source) : { plain: (source.value || source.innerText).trim(), html: '' };
    if (await copy(parts.plain, parts.html)) said(button, '已复制'); else refused();
  });
})();
