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

/** Columns that hold words, not numbers, with their classes. */
const LEFT = { 'what it is': 'words', why: 'words', 'which it is': 'text' }

function row(...cells) {
  return make('tr', {}, ...cells)
}

const heading = (text) => make('th', { scope: 'col', class: LEFT[text] ?? 'number' }, text)

/** A table with column titles, which scrolls sideways where it is too wide, by keyboard, too. */
function table(title, columns, rows) {
  const body = make('table', {}, make('thead', {}, row(...columns.map(heading))))
  rows.forEach((cells) => body.append(row(...cells)))
  return make('section', {}, make('h2', {}, title), make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title }, body))
}

const cell = (text) => make('td', {}, text)
const words = (text) => make('td', { class: 'words' }, text)

function tiles(shown) {
  return make('div', { class: 'tiles' }, ...shown.map(([name, text]) => make('div', { class: 'tile' }, make('span', {}, name), make('b', {}, text))))
}

function environment() {
  const section = table('Where, when, and how to repeat it', ['what', 'which it is'],
    [...Object.entries(run.environment), ['finished', run.finished]].map(([name, text]) => [cell(name), make('td', { class: 'text' }, text)]))
  section.querySelector('h2').after(make('code', {}, run.command), make('p', {}))
  return section
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

const grid = make('div', { class: 'grid charts' })

function card(title, text, body) {
  grid.append(make('section', {}, make('h2', {}, title), make('p', {}, text), body))
}

function chart(title, text, config) {
  const canvas = make('canvas', { role: 'img', 'aria-label': `${title}. ${text}` })
  card(title, text, make('div', { class: 'chart' }, canvas))
  return new Chart(canvas, config)
}

/** A line of one point would not be seen. */
const radius = ({ dataset }) => (dataset.data.filter(({ y }) => y !== null).length < 3 ? 3 : 0)
