'use strict'

const run = JSON.parse(document.getElementById('data').textContent)
const root = document.getElementById('report')
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const COLOURS = ['--accent', '--good', '--warn', '--bad', '--soft', '--sixth', '--seventh', '--eighth'].map(css)

/** An element with text or children. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag)
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value))
  element.append(...children)
  return element
}

function number(key) {
  const found = run.numbers.find((each) => each.key === key)
  return found ? found.text : '–'
}

function row(...cells) {
  return make('tr', {}, ...cells)
}

// ---- verdict, objectives and what led to them ----

function verdict() {
  const list = make('ul', {})
  run.incorrect.forEach((text) => list.append(make('li', { class: 'no' }, text)))
  run.invalid.forEach((text) => list.append(make('li', {}, text)))
  Object.entries(run.failures).forEach(([kind, each]) => list.append(make('li', {}, `${each.count} × ${kind}: ${each.example}`)))
  run.objectives.forEach((each, i) =>
    list.append(make('li', { class: each.holds ? 'yes' : 'no' }, `${each.holds ? 'holds' : 'missed'}: ${each.text} (measured: ${run.objectiveTexts[i]})`)))
  const kind = run.conclusion.replace(' ', '-')
  return make('section', { class: `verdict ${kind}` }, make('b', {}, run.conclusion), list)
}

function tiles() {
  const shown = [
    ['streams', number('streams.confirmed')], ['deliveries', number('delivered')], ['lost silently', number('silentLoss')],
    ['loss announced', number('declaredLoss')], ['delivery p99', run.timingRows.find((each) => each.key === 'delivery')?.cells[2] ?? '–'],
    ['CPU a delivery', number('serverCpuPerDelivery')], ['memory a stream', number('serverMemoryPerStream')], ['connect all', number('connectAll')],
  ]
  return make('div', { class: 'tiles' }, ...shown.map(([name, text]) => make('div', { class: 'tile' }, make('span', {}, name), make('b', {}, text))))
}

// ---- charts ----

Chart.defaults.color = css('--soft')
Chart.defaults.borderColor = css('--line')
Chart.defaults.font.family = 'system-ui, sans-serif'
Chart.defaults.animation = false
Chart.defaults.maintainAspectRatio = false
Chart.defaults.elements.point.radius = 0
Chart.defaults.elements.line.borderWidth = 1.8
Chart.defaults.plugins.legend.labels.boxWidth = 12

const seconds = run.seconds
const at = seconds.map((each) => Math.round(each.at))
const per = (read) => seconds.map((each, i) => {
  const before = i === 0 ? { at: 0, value: 0 } : { at: seconds[i - 1].at, value: read(seconds[i - 1]) }
  return (read(each) - before.value) / Math.max(0.2, each.at - before.at)
})

const grid = make('div', { class: 'grid charts' })

function card(title, text, body) {
  grid.append(make('section', {}, make('h2', {}, title), make('p', {}, text), body))
}

function chart(title, text, config) {
  const canvas = make('canvas', { role: 'img', 'aria-label': `${title}. ${text}` })
  card(title, text, make('div', { class: 'chart' }, canvas))
  return new Chart(canvas, config)
}

function lines(title, text, series, { y = {}, extra = {} } = {}) {
  const datasets = series.map(([label, data, axis], i) => ({
    label, data, yAxisID: axis ?? 'y', borderColor: COLOURS[i % COLOURS.length], backgroundColor: COLOURS[i % COLOURS.length],
  }))
  chart(title, text, {
    type: 'line',
    data: { labels: at, datasets },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { title: { display: true, text: 'seconds' }, ticks: { maxTicksLimit: 10 }, grid: { display: false } },
        y: { beginAtZero: true, ...y },
        ...extra,
      },
    },
  })
}

const millis = (nanos) => (nanos > 0 ? nanos / 1e6 : null)
const logMillis = { type: 'logarithmic', beginAtZero: false, title: { display: true, text: 'ms' }, ticks: { maxTicksLimit: 7, callback: (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 }) } }

function curves() {
  const datasets = Object.entries(run.curves).map(([label, points], i) => ({
    label, data: points.map(([x, y]) => ({ x, y: Math.max(y, 1e-3) })), borderColor: COLOURS[i % COLOURS.length], backgroundColor: COLOURS[i % COLOURS.length],
  }))
  const names = { 2: '50 %', 10: '90 %', 100: '99 %', 1000: '99.9 %', 10000: '99.99 %', 100000: '99.999 %', 1000000: '99.9999 %' }
  chart('Percentiles', 'Each time up to its rarest values: the further right, the fewer are slower.', {
    type: 'line',
    data: { datasets },
    options: {
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'logarithmic', min: 1, title: { display: true, text: 'percentile' },
          afterBuildTicks: (axis) => { axis.ticks = Object.keys(names).map(Number).filter((x) => x <= axis.max).map((value) => ({ value })) },
          ticks: { callback: (value) => names[value], autoSkip: false, maxRotation: 45 },
        },
        y: logMillis,
      },
    },
  })
}

/** Deliveries by second and latency class; the darker, the more. */
function heat() {
  const canvas = make('canvas', { role: 'img', 'aria-label': 'Heat map of delivery latency by second' })
  const box = make('div', { class: 'chart' }, canvas)
  card('Latency heat map', 'Each column is a second, each row a latency; the stronger, the more deliveries.', box)
  const rows = run.heatEnds.length + 1
  const used = seconds.flatMap((each) => each.latency.heat.map((count, i) => (count > 0 ? i : -1))).filter((i) => i >= 0)
  const low = Math.max(0, Math.min(rows - 1, ...used) - 1)
  const high = Math.min(rows - 1, Math.max(0, ...used) + 1)
  const most = Math.max(1, ...seconds.flatMap((each) => each.latency.heat))
  const name = (nanos) => (nanos >= 1e9 ? `${nanos / 1e9} s` : nanos >= 1e6 ? `${nanos / 1e6} ms` : `${nanos / 1e3} µs`)
  function draw() {
    const scale = window.devicePixelRatio || 1
    const { width, height } = box.getBoundingClientRect()
    canvas.width = width * scale
    canvas.height = height * scale
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
    const pen = canvas.getContext('2d')
    pen.scale(scale, scale)
    pen.font = '11px system-ui, sans-serif'
    const left = 52
    const bottom = height - 22
    const rowHeight = (bottom - 6) / (high - low + 1)
    const columnWidth = (width - left - 6) / Math.max(1, seconds.length)
    pen.fillStyle = css('--soft')
    for (let r = low; r <= high; r++) {
      if (r < run.heatEnds.length) pen.fillText(name(run.heatEnds[r]), 2, bottom - (r - low + 1) * rowHeight + 4)
    }
    for (let x = 0; x < seconds.length; x += Math.ceil(seconds.length / 8)) pen.fillText(`${at[x]}`, left + x * columnWidth, height - 6)
    pen.fillStyle = css('--accent')
    seconds.forEach((each, x) => each.latency.heat.forEach((count, r) => {
      if (count === 0 || r < low || r > high) return
      pen.globalAlpha = 0.15 + (0.85 * Math.log1p(count)) / Math.log1p(most)
      pen.fillRect(left + x * columnWidth, bottom - (r - low + 1) * rowHeight, Math.max(1, columnWidth - 0.5), rowHeight - 0.5)
    }))
    pen.globalAlpha = 1
  }
  new ResizeObserver(draw).observe(box)
}

function allCharts() {
  lines('Delivery latency', 'From due to each subscriber, second by second.', [
    ['p50', seconds.map((each) => millis(each.latency.p50))], ['p90', seconds.map((each) => millis(each.latency.p90))],
    ['p99', seconds.map((each) => millis(each.latency.p99))], ['max', seconds.map((each) => millis(each.latency.max))],
  ], { y: logMillis })
  curves()
  heat()
  lines('Published and delivered', 'Acknowledged events (right) and deliveries (left) a second.', [
    ['deliveries/s', per((each) => each.counts.delivered)], ['events/s', per((each) => each.counts.acknowledged), 'events'],
  ], { extra: { events: { position: 'right', beginAtZero: true, grid: { display: false } } } })
  lines('Streams', 'Up, and what went wrong with them (right).', [
    ['up', seconds.map((each) => each.counts.live)], ['resumed', seconds.map((each) => each.counts.resumed), 'few'],
    ['ended', seconds.map((each) => each.counts.ended), 'few'], ['failed', seconds.map((each) => each.counts.failed), 'few'],
  ], { extra: { few: { position: 'right', beginAtZero: true, suggestedMax: 1, grid: { display: false }, ticks: { precision: 0 } } } })
  lines('Errors and gaps', 'Wrong deliveries, announced gaps and refused publishes so far.', [
    ['gaps', seconds.map((each) => each.counts.gaps)], ['refused', seconds.map((each) => each.counts.refused)],
    ['not answered', seconds.map((each) => each.counts.published - each.counts.acknowledged - each.counts.refused)],
    ['wrong deliveries', seconds.map((each) => each.counts.errors)],
  ], { y: { suggestedMax: 1, ticks: { precision: 0 } } })
  if (seconds.some((each) => each.load.serverBytes >= 0)) {
    const known = (value, scale) => (value < 0 ? null : value / scale)
    lines('The server', 'Processors in use (left) and resident memory (right).', [
      ['cores', seconds.map((each) => known(each.load.serverCores, 1))], ['MiB', seconds.map((each) => known(each.load.serverBytes, 1048576)), 'memory'],
    ], { extra: { memory: { position: 'right', beginAtZero: true, grid: { display: false } } } })
  }
  lines('The generator itself', 'If these are at their limit, the numbers above are about the generator.', [
    ['cores', seconds.map((each) => Math.max(0, each.load.generatorCores))], ['reader at work', seconds.map((each) => each.load.readerBusy)],
  ])
}

// ---- tables ----

function timings() {
  const table = make('table', {}, make('thead', {}, row(...['', 'p50', 'p90', 'p99', 'p99.9', 'max', ''].map((text) => make('th', {}, text)))))
  run.timingRows.forEach((each) => table.append(row(
    make('td', {}, each.key), ...each.cells.map((text) => make('td', {}, text)), make('td', { class: 'words' }, each.sentence))))
  return make('section', {}, make('h2', {}, 'Times'), make('div', { class: 'scroll' }, table))
}

function numbers() {
  const table = make('table', {})
  run.numbers.forEach((each) => table.append(row(make('td', {}, each.key), make('td', {}, each.text), make('td', { class: 'words' }, each.sentence))))
  return make('section', {}, make('h2', {}, 'All numbers'), make('div', { class: 'scroll' }, table))
}

function environment() {
  const table = make('table', {})
  Object.entries(run.environment).forEach(([name, text]) => table.append(row(make('td', {}, name), make('td', {}, text))))
  table.append(row(make('td', {}, 'finished'), make('td', {}, run.finished)))
  return make('section', {}, make('h2', {}, 'Where, when, and how to repeat it'), make('code', {}, run.command), make('p', {}), make('div', { class: 'scroll' }, table))
}

const plan = run.plan
root.append(
  make('h1', {}, `${run.title} on ${plan.target}`),
  make('p', {}, `${plan.subscribers.toLocaleString('en')} streams on ${plan.topics.toLocaleString('en')} topic(s), ${plan.ratePerSecond} events/s of ${plan.payloadBytes} bytes, `
    + `${plan.measureMillis / 1000} s measured after ${plan.warmupMillis / 1000} s of warm-up`),
  verdict(), tiles(), timings(), grid, numbers(), environment(),
)
allCharts()
