/* Keshu 科枢 · one look for every ECharts figure, read from the tokens. A chart is declared, not programmed:
     <div class="ks-chart" data-chart-id="x"></div><script type="application/json" id="x">{…option…}</script>
   Inside the option, "token:chart-1" stands for a colour of tokens.css; a datum may be {"value": 2.51, "text": "2.51%"}, and the
   text is what is shown, because rounding is done once, on the server. */
(function () {
  'use strict';

  const Keshu = window.Keshu;
  const drawn = new Map();
  let tokens = null;

  function token(name) { return tokens.getPropertyValue('--ks-' + name).trim(); }
  function px(name) { return parseFloat(token(name)) * parseFloat(tokens.fontSize); }

  function theme() {
    tokens = window.getComputedStyle(document.documentElement);
    const font = { fontFamily: token('font-sans'), fontSize: px('fs-xs'), color: token('chart-axis') };
    const axis = {
      axisLine: { lineStyle: { color: token('line-strong') } },
      axisTick: { show: false },
      axisLabel: font,
      nameTextStyle: font,
      splitLine: { lineStyle: { color: token('chart-grid') } },
    };
    window.echarts.registerTheme('keshu', {
      color: [1, 2, 3, 4, 5, 6].map(function (n) { return token('chart-' + n); }),
      backgroundColor: 'transparent',
      textStyle: font,
      animation: false,
      categoryAxis: Object.assign({}, axis, { splitLine: { show: false } }),
      valueAxis: Object.assign({}, axis, { axisLine: { show: false } }),
      line: { symbol: 'circle', symbolSize: 5, lineStyle: { width: 2 }, endLabel: { fontSize: px('fs-xs'), color: 'inherit' } },
      bar: { barMaxWidth: 28 },
      visualMap: { textStyle: font, inRange: { color: [0, 1, 2, 3, 4].map(function (n) { return token('map-' + n); }) } },
      tooltip: {
        backgroundColor: token('surface'), borderColor: token('line-strong'), padding: [8, 12],
        textStyle: Object.assign({}, font, { color: token('ink') }),
      },
    });
    return font;
  }

  /** Replaces "token:name" by its colour, all the way down. */
  function coloured(value) {
    if (typeof value === 'string') return value.indexOf('token:') === 0 ? token(value.slice(6)) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === 'object') {
      const made = {};
      Object.keys(value).forEach(function (key) { made[key] = coloured(value[key]); });
      return made;
    }
    return value;
  }

  function shown(datum, unit) {
    if (datum && typeof datum === 'object' && !Array.isArray(datum)) {
      if (datum.text !== undefined) return datum.text;
      datum = datum.value;
    }
    if (datum === null || datum === undefined || datum === '-' || Number.isNaN(datum)) return '缺数';
    return String(Array.isArray(datum) ? datum[datum.length - 1] : datum).replace('-', '−') + (unit ? ' ' + unit : '');
  }

  function escape(text) { return Keshu.element('i', '', String(text)).innerHTML; }

  function tooltip(unit) {
    return function (points) {
      const list = Array.isArray(points) ? points : [points];
      const head = list[0].axisValueLabel || list[0].name || '';
      const lines = list.map(function (point) {
        return '<div>' + (point.marker || '') + (point.seriesName && list[0].axisValueLabel ? escape(point.seriesName) + ' ' : '') + '<b>' + escape(shown(point.data, unit)) + '</b></div>';
      });
      return '<div>' + escape(head) + '</div>' + lines.join('');
    };
  }

  /** 看数据: the numbers of a chart as a table, built from the option where the page brings none. */
  function tableFrom(option, unit, caption) {
    const axis = [].concat(option.xAxis || [], option.yAxis || []).find(function (one) { return one && one.type === 'category' && one.data; });
    const series = [].concat(option.series || []).filter(function (one) { return one.data; });
    if (!series.length) return null;
    const names = axis ? axis.data : series[0].data.map(function (datum, index) { return datum && datum.name ? datum.name : index + 1; });
    const table = Keshu.element('table', 'ks-table tight');
    table.appendChild(Keshu.element('caption', 'visually-hidden', caption));
    const head = table.createTHead().insertRow();
    head.appendChild(Keshu.element('th', '', ''));
    series.forEach(function (one) { head.appendChild(Keshu.element('th', 'num', one.name || '数值')); });
    head.querySelectorAll('th').forEach(function (cell) { cell.scope = 'col'; });
    const body = table.createTBody();
    names.forEach(function (name, index) {
      const row = body.insertRow();
      const label = Keshu.element('th', '', String(name && name.value !== undefined ? name.value : name));
      label.scope = 'row';
      row.appendChild(label);
      series.forEach(function (one) { row.appendChild(Keshu.element('td', 'num', shown(one.data[index], unit))); });
    });
    return table;
  }

  async function draw(box) {
    const source = document.getElementById(box.dataset.chartId);
    if (!source || drawn.has(box) || !Keshu.visible(box)) return;
    drawn.set(box, null);
    const unit = box.dataset.unit || '';
    const raw = JSON.parse(source.textContent);
    if (box.dataset.map && !window.echarts.getMap(box.dataset.map)) {
      try {
        const answer = await fetch(box.dataset.mapSrc, { credentials: 'same-origin' });
        if (!answer.ok) throw new Error(String(answer.status));
        window.echarts.registerMap(box.dataset.map, await answer.json());
      } catch (error) {
        box.replaceWith(Keshu.element('p', 'ks-chart-note', '没有取到地图的边界，先看下面的表。'));
        return;
      }
    }
    const option = coloured(raw);
    const chart = window.echarts.init(box, 'keshu', { renderer: 'svg' });
    const grid = { left: 8, right: 12, top: 16, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
    chart.setOption(Object.assign({}, option, box.dataset.map ? {} : {
      grid: Array.isArray(option.grid) ? option.grid : Object.assign(grid, option.grid || {}),
    }, {
      tooltip: Object.assign({ trigger: box.dataset.map ? 'item' : 'axis', formatter: tooltip(unit), confine: true }, option.tooltip || {}),
    }));
    drawn.set(box, chart);
    scalable(box, chart);
    const holder = document.getElementById(box.dataset.chartId + '-data');
    if (holder && !holder.querySelector('table')) {
      const table = tableFrom(raw, unit, box.getAttribute('aria-label') || '');
      if (table) holder.appendChild(table);
    }
  }

  function drawAll() {
    if (!window.echarts) return;
    if (!tokens) theme();
    drawn.forEach(function (chart, box) {
      if (!box.isConnected) { if (chart) chart.dispose(); drawn.delete(box); }
    });
    document.querySelectorAll('.ks-chart[data-chart-id]').forEach(draw);
  }

  /** With a viewBox the drawing shrinks to the paper by itself; print styles set its size. */
  function scalable(box, chart) {
    const svg = box.querySelector('svg');
    if (svg) svg.setAttribute('viewBox', '0 0 ' + chart.getWidth() + ' ' + chart.getHeight());
  }

  function resizeAll() {
    drawn.forEach(function (chart, box) {
      if (!chart || !Keshu.visible(box)) return;
      chart.resize({ width: 'auto', height: 'auto' }); // undoes the fixed size of a printout
      scalable(box, chart);
    });
  }

  document.addEventListener('click', function (event) {
    const button = event.target instanceof Element ? event.target.closest('[data-chart-table]') : null;
    if (!button) return;
    const holder = document.getElementById(button.dataset.chartTable);
    holder.hidden = !holder.hidden;
    button.setAttribute('aria-expanded', String(!holder.hidden));
    button.textContent = holder.hidden ? '看数据' : '收起数据';
  });

  // Paper is narrower than the screen: draw for about its width, so that the words in a chart stay readable.
  window.addEventListener('beforeprint', function () {
    const share = document.querySelector('.is-record') ? 0.55 : 0.8;
    drawn.forEach(function (chart, box) {
      if (!chart || !Keshu.visible(box)) return;
      chart.resize({ width: Math.round(box.clientWidth * share), height: Math.round(box.clientHeight * 0.75) });
      chart.getZr().flush(); // now, not on the next frame, which comes after the sheet was taken
      scalable(box, chart);
    });
  });
  window.addEventListener('afterprint', resizeAll);
  window.addEventListener('resize', function () { if (!window.matchMedia('print').matches) resizeAll(); });
  document.addEventListener('htmx:afterSettle', drawAll);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll); else drawAll();
  Keshu.drawCharts = drawAll;
})();
