
function number(key) {
  const found = run.numbers.find((each) => each.key === key)
  return found ? found.text : '–'
}

// ---- verdict, objectives and what led to them ----

function verdict() {
  const list = make('ul', {})
  run.incorrect.forEach((text) => list.append(make('li', { class: 'no' }, text)))
  run.unserved.forEach((text) => list.append(make('li', { class: 'no' }, text)))
  run.invalid.forEach((text) => list.append(make('li', {}, text)))
  Object.entries(run.failures).forEach(([kind, each]) => list.append(make('li', {}, `${each.count} × ${kind}: ${each.example}`)))
  run.objectives.forEach((each, i) =>
    list.append(make('li', { class: each.holds ? 'yes' : 'no' }, `${each.holds ? 'holds' : 'missed'}: ${each.text} (measured: ${run.objectiveTexts[i]})`)))
  const kind = run.conclusion.replace(' ', '-')
  if (run.failover) list.append(make('li', {}, run.failover))
  if (run.where) list.append(make('li', {}, run.where))
  return make('section', { class: `verdict ${kind}` }, make('b', {}, run.conclusion), list)
}

function mainNumbers() {
  return tiles([
    ['streams', number('streams.confirmed')], ['deliveries', number('delivered')], ['lost silently', number('silentLoss')],
    ['loss announced', number('declaredLoss')], ['delivery p99', run.timingRows.find((each) => each.key === 'delivery')?.cells[2] ?? '–'],
    ['CPU per delivery', number('serverCpuPerDelivery')],
    // A server that had served before has grown by that, and not by these streams.
    run.coldServer ? ['memory per stream', number('serverMemoryPerStream')] : ['server memory', number('serverMemory')],
    ['connect all', number('connectAll')],
  ])
}

// ---- charts ----

const seconds = run.seconds
const points = (series, read) => series.map((each, i) => ({ x: each.at, y: read(each, i) }))
const each = (read) => points(seconds, read)
/** What a counter grew by, a second. */
const per = (read) => points(seconds, (second, i) => {
  const before = i === 0 ? { at: 0, value: 0 } : { at: seconds[i - 1].at, value: read(seconds[i - 1]) }
  return (read(second) - before.value) / Math.max(0.2, second.at - before.at)
})
/** The run's last look comes at any time, and what was used in a few milliseconds says nothing. */
const whole = seconds.filter((second, i) => second.at - (i === 0 ? 0 : seconds[i - 1].at) >= 0.5)
const used = (read) => points(whole, (second) => read(second.load))
const end = Math.ceil(Math.max(1, ...seconds.map((second) => second.at)))

/** The moments to know, as upright lines, with their words where these are what the chart is about; those of the run's parts are faint. */
const marks = (hasWords) => ({
  id: 'marks',
  afterDatasetsDraw({ ctx, chartArea, scales }) {
    let row = 0
    run.marks.forEach(({ at, kind, text }) => {
      const x = scales.x.getPixelForValue(at)
      if (x < chartArea.left || x > chartArea.right) return
      const colour = css(kind === 'PHASE' ? '--soft' : '--bad')
      ctx.save()
      ctx.strokeStyle = colour
      ctx.globalAlpha = kind === 'PHASE' ? 0.45 : 0.9
      ctx.setLineDash(kind === 'PHASE' ? [2, 4] : [5, 3])
      ctx.beginPath()
      ctx.moveTo(x, chartArea.top)
      ctx.lineTo(x, chartArea.bottom)
      ctx.stroke()
      if (hasWords) {
        ctx.font = '11px system-ui, sans-serif'
        ctx.fillStyle = colour
        ctx.globalAlpha = 1
        const fits = x + ctx.measureText(text).width + 8 < chartArea.right
        ctx.textAlign = fits ? 'left' : 'right'
        ctx.fillText(text, fits ? x + 4 : x - 4, chartArea.top + 10 + 13 * (row++ % 4))
      }
      ctx.restore()
    })
  },
})

const time = () => ({ type: 'linear', offset: false, min: 0, max: end, title: { display: true, text: 'seconds' }, ticks: { maxTicksLimit: 10 }, grid: { display: false } })

/** Charts in which there is nothing to see. */
const flat = []

/** Series of points over the time of the run: label, points, and the axis if it is not the left one. */
function lines(title, text, series, { type = 'line', y = {}, extra = {}, words = false, colours = COLOURS } = {}) {
  if (!series.some(([, data]) => data.some(({ y }) => y !== null && y !== 0))) {
    flat.push(title)
    return
  }
  const datasets = series.map(([label, data, axis], i) => ({
    label, data, yAxisID: axis ?? 'y', borderColor: colours[i % colours.length], backgroundColor: colours[i % colours.length],
    barPercentage: 1, categoryPercentage: 1, pointRadius: radius,
  }))
  chart(title, text, {
    type,
    data: { datasets },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: { x: time(), y: { beginAtZero: true, ...y }, ...extra },
      plugins: { tooltip: { callbacks: { title: ([first]) => (first ? `second ${Math.round(first.parsed.x)}` : '') } } },
    },
    plugins: [marks(words)],
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
  const taken = seconds.flatMap((each) => each.latency.heat.map((count, i) => (count > 0 ? i : -1))).filter((i) => i >= 0)
  const low = Math.max(0, Math.min(rows - 1, ...taken) - 1)
  const high = Math.min(rows - 1, Math.max(0, ...taken) + 1)
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
    for (let x = 0; x < seconds.length; x += Math.ceil(seconds.length / 8)) pen.fillText(`${Math.ceil(seconds[x].at)}`, left + x * columnWidth, height - 6)
    pen.fillStyle = css('--accent')
    seconds.forEach((each, x) => each.latency.heat.forEach((count, r) => {
      if (count === 0 || r < low || r > high) return
      pen.globalAlpha = 0.15 + (0.85 * Math.log1p(count)) / Math.log1p(most)
      pen.fillRect(left + x * columnWidth, bottom - (r - low + 1) * rowHeight, Math.max(1, columnWidth - 0.5), rowHeight - 0.5)
    }))
    run.marks.forEach(({ at, kind }) => {
      // Where the second begins that it is in, as wide as its share of it.
      const after = seconds.findIndex((second) => second.at >= at)
      if (after < 0) return
      const from = after === 0 ? 0 : seconds[after - 1].at
      const x = left + (after + (at - from) / Math.max(0.01, seconds[after].at - from)) * columnWidth
      pen.globalAlpha = kind === 'PHASE' ? 0.45 : 0.9
      pen.strokeStyle = css(kind === 'PHASE' ? '--soft' : '--bad')
      pen.setLineDash(kind === 'PHASE' ? [2, 4] : [5, 3])
      pen.beginPath()
      pen.moveTo(x, 6)
      pen.lineTo(x, bottom)
      pen.stroke()
    })
    pen.setLineDash([])
    pen.globalAlpha = 1
  }
  new ResizeObserver(draw).observe(box)
}

const counted = { suggestedMax: 1, ticks: { precision: 0 } }
const right = (options = {}) => ({ position: 'right', beginAtZero: true, grid: { display: false }, ...options })

function streams() {
  lines('Streams', 'Up (left), and those that ended without our doing or could not be opened, so far (right).', [
    ['up', each((second) => second.counts.live)], ['ended', each((second) => second.counts.ended), 'few'],
    ['failed', each((second) => second.counts.failed), 'few'],
  ], { extra: { few: right(counted) } })
  lines('Reconnects', 'Streams that ended or were cut on purpose, and that were opened again, a second; on the right those that are away.', [
    ['away', each(({ counts }) => Math.max(0, counts.ended + counts.dropped - counts.resumed)), 'away'],
    ['back/s', per((second) => second.counts.resumed)], ['ended/s', per((second) => second.counts.ended)], ['cut/s', per((second) => second.counts.dropped)],
  ], { y: counted, extra: { away: right(counted) }, words: true })
}

function losses() {
  // A bar stands in the middle of its second.
  const due = (read) => run.due.map((second) => ({ x: second.at - 0.5, y: read(second) }))
  lines('Losses', 'Deliveries that were owed and never made, by the second in which their events were due.', [
    ['announced', due((second) => second.declared)], ['silent', due((second) => second.silent)],
  ], { type: 'bar', y: { stacked: true, ...counted }, words: true, colours: [css('--warn'), css('--bad')] })
  lines('Errors and gaps', 'Wrong deliveries, announced gaps and publishes without success so far.', [
    ['gaps', each((second) => second.counts.gaps)], ['refused', each((second) => second.counts.refused)],
    ['not answered yet', each(({ counts }) => counts.published - counts.acknowledged - counts.refused)],
    ['wrong deliveries', each((second) => second.counts.errors)], ['skipped', each((second) => second.counts.skipped)],
  ], { y: counted })
}

/** Whether few streams lag behind the others: each bar is one, the line is the stream in the middle. */
function laggards() {
  if (run.laggards.length === 0) return
  const middle = run.timings.slowest.p50 / 1e6
  chart('Laggards', 'The slowest delivery of each of the slowest streams; the upright line is the stream in the middle.', {
    type: 'bar',
    data: {
      labels: run.laggards.map((stream) => `${stream.subscriber}`),
      datasets: [{ label: 'slowest delivery', data: run.laggards.map((stream) => stream.slowestNanos / 1e6), backgroundColor: css('--accent') }],
    },
    options: {
      indexAxis: 'y',
      scales: { x: { beginAtZero: true, title: { display: true, text: 'ms' } }, y: { title: { display: true, text: 'stream' }, grid: { display: false } } },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { title: ([first]) => `stream ${first.label} of ${run.laggards[first.dataIndex].topic}` } },
      },
    },
    plugins: [{
      id: 'middle',
      afterDatasetsDraw({ ctx, chartArea, scales }) {
        const x = scales.x.getPixelForValue(middle)
        ctx.save()
        ctx.strokeStyle = css('--warn')
        ctx.lineWidth = 2
        ctx.beginPath()
        ctx.moveTo(x, chartArea.top)
        ctx.lineTo(x, chartArea.bottom)
        ctx.stroke()
        ctx.restore()
      },
    }],
  })
}

function server() {
  if (!seconds.some((second) => second.load.serverBytes >= 0)) return
  const known = (value, scale) => (value < 0 ? null : value / scale)
  lines('The server', 'Processors in use (left) and resident memory (right).', [
    ['cores', used((load) => known(load.serverCores, 1))], ['MiB', each((second) => known(second.load.serverBytes, 1048576)), 'memory'],
  ], { extra: { memory: right() } })
  const empty = run.metrics.serverMemoryEmpty
  // While the first streams come, what the server takes for itself would be divided by few.
  const enough = run.plan.subscribers / 2
  if (!run.coldServer || empty === undefined || !seconds.some((second) => second.counts.live >= enough && second.counts.live > 0)) return
  lines('Memory per stream', 'What resident memory grew by since before the first stream, by the streams that are up; from half of them on.', [
    ['KiB per stream', each(({ counts, load }) => (load.serverBytes >= 0 && counts.live >= enough && counts.live > 0
      ? (load.serverBytes - empty) / counts.live / 1024 : null))],
  ])
}

function allCharts() {
  lines('Delivery latency', 'From due to each subscriber, second by second.', [
    ['p50', each((second) => millis(second.latency.p50))], ['p90', each((second) => millis(second.latency.p90))],
    ['p99', each((second) => millis(second.latency.p99))], ['max', each((second) => millis(second.latency.max))],
  ], { y: logMillis })
  curves()
  heat()
  lines('Completion and spread', 'Of the events that were due in each second: from due to the last subscriber, and from the first to the last.', [
    ['completion p50', points(run.due, (second) => millis(second.completion.p50))], ['completion max', points(run.due, (second) => millis(second.completion.max))],
    ['spread p50', points(run.due, (second) => millis(second.spread.p50))], ['spread max', points(run.due, (second) => millis(second.spread.max))],
  ], { y: logMillis })
  lines('Published and delivered', 'Acknowledged events (right) and deliveries (left) a second.', [
    ['deliveries/s', per((second) => second.counts.delivered)], ['events/s', per((second) => second.counts.acknowledged), 'events'],
  ], { extra: { events: right() } })
  streams()
  losses()
  laggards()
  server()
  lines('The generator itself', 'If these are at their limit, the numbers above are about the generator.', [
    ['cores', used((load) => Math.max(0, load.generatorCores))], ['reader at work', used((load) => load.readerBusy)],
    ['publisher late, ms', each((second) => second.load.lateNanos / 1e6), 'late'],
  ], { extra: { late: right() } })
}

// ---- tables ----

const timings = () => table('Times', ['time', 'p50', 'p90', 'p99', 'p99.9', 'max', 'what it is'],
  run.timingRows.map((each) => [cell(each.key), ...each.cells.map(cell), words(each.sentence)]))

const nodes = () => (run.nodeTexts.length === 0 ? [] : [table('Nodes', ['node', 'what it had of the run, and what that took'],
  run.nodeTexts.map(([name, text]) => [cell(name), words(text)]))])

const numbers = () => table('All numbers', ['number', 'value', 'what it is'],
  run.numbers.map((each) => [cell(each.key), cell(each.text), words(each.sentence)]))

const plan = run.plan
root.append(
  make('h1', {}, `${run.title} on ${plan.target}`),
  make('p', {}, `${plan.subscribers.toLocaleString('en')} streams on ${plan.topics.toLocaleString('en')} ${plan.topics === 1 ? 'topic' : 'topics'}, ${plan.ratePerSecond} events/s of ${plan.payloadBytes} bytes, `
    + `${plan.measureMillis / 1000} s measured after ${plan.warmupMillis / 1000} s of warm-up${plan.stages ? `; in stages: ${plan.stages}` : ''}`
    + (plan.outage ? `; halfway ${plan.outage}` : '')
    + (plan.credentials ? `; ${plan.credentials}` : '')),
  verdict(), mainNumbers(), ...nodes(), timings(), grid, numbers(), environment(),
)
allCharts()
if (flat.length > 0) grid.after(make('p', {}, `Left out, since there is nothing but zero in them: ${flat.join(', ')}.`))
