
/** A search: the capacity, every level, and how times and costs grew with the load. */
const PASSED = 'passed'
const unit = run.by === 'rate' ? 'events/s' : run.by
const ms = (nanos) => (nanos === undefined ? '–' : `${(nanos / 1e6).toFixed(1)} ms`)
const whole = (number) => Math.round(number ?? 0).toLocaleString('en')

function levels() {
  return table('Levels', [unit, 'outcome', 'delivery p50', 'delivery p99', 'deliveries/s', 'why'], run.levels.map((each) => [
    cell(each.level.toLocaleString('en')), make('td', { class: each.outcome === PASSED ? 'yes' : 'no' }, each.outcome.replace('_', '-')),
    cell(ms(each.timings.delivery?.p50)), cell(ms(each.timings.delivery?.p99)), cell(whole(each.metrics.deliveryRate)), words(each.reasons.join('; ')),
  ]))
}

/** Points of the levels that passed and of those that did not, over the load. */
function over(title, text, read, label) {
  const of = (has) => run.levels.filter((each) => (each.outcome === PASSED) === has).map((each) => ({ x: each.level, y: read(each) }))
    .filter(({ y }) => Number.isFinite(y))
  if (of(true).length + of(false).length === 0) return
  const set = (name, data, colour) => ({ label: name, data, backgroundColor: css(colour), borderColor: css(colour), pointRadius: 4 })
  chart(title, text, {
    type: 'scatter',
    data: { datasets: [set('passed', of(true), '--good'), set('did not pass', of(false), '--bad')] },
    options: {
      scales: {
        x: { beginAtZero: true, title: { display: true, text: unit } },
        y: { beginAtZero: true, title: { display: true, text: label } },
      },
    },
  })
}

const bound = { server: 'holds', range: 'holds', generator: 'invalid', nothing: 'missed' }[run.bound]
const objectives = make('ul', {}, ...run.objectives.map((text) => make('li', {}, text)))
root.append(
  make('h1', {}, `find-capacity on ${run.plan.target}`),
  make('p', {}, `by ${run.by}, ${run.plan.topics} ${run.plan.topics === 1 ? 'topic' : 'topics'}, ${run.plan.payloadBytes} bytes, `
    + `${run.plan.measureMillis / 1000} s measured at each level`
    + (run.plan.credentials ? `; ${run.plan.credentials}` : '')),
  make('section', { class: `verdict search ${bound}` }, make('b', {}, run.conclusion), objectives),
  levels(), grid, environment(),
)
over('Delivery p99', 'From due to each subscriber.', (each) => each.timings.delivery?.p99 / 1e6, 'ms')
over('Delivery p50', 'A backlog shows here first.', (each) => each.timings.delivery?.p50 / 1e6, 'ms')
over('The server\'s processors', 'In use while measuring.', (each) => each.metrics.serverCpu, 'cores')
over('The server\'s memory', 'One server serves all levels, so it falls seldom.', (each) => each.metrics.serverMemory / 1048576, 'MiB')
over('Connecting', 'From the first connection to the last stream\'s start.', (each) => each.metrics.connectAll / 1e6, 'ms')
