import type { Story } from './story.ts'

/** The whole run in tables. */
export function showSummary({ page, figures, assertions, driver }: Story): void {
  page.heading('Summary')
  page.table(
    ['window', 'sent', 'correct', 'leaked', 'blocked', '501', 'foreign', 'damaged'],
    figures.windows.map((window) => [
      `${window.phase} ${window.window}`,
      String(window.requests),
      String(window.correct),
      String(window.leaked),
      String(window.blocked),
      String(window.disabled),
      String(window.foreignRows),
      String(window.damagedRows),
    ]),
  )
  page.line()
  page.table(
    ['verdict asked for', 'verdict'],
    figures.verdicts.map(({ at, verdict }) => [at, verdict]),
  )
  page.line()
  page.table(
    ['flip, from outside to the last instance', 'by', 'ms'],
    figures.flips.map(({ name, how, ms }) => [name, how, ms.toFixed(0)]),
  )
  page.line()
  const { sent, answered, repeated } = driver.totals()
  const twice = repeated === 0 ? 'none' : String(repeated)
  page.step(`${sent} requests sent, ${answered} answered, ${twice} twice.`)
  if (figures.latency !== undefined) {
    const { ratio, withGuard, withoutGuard } = figures.latency
    page.step(
      `latency with and without the guard: p50 ${withGuard.p50.toFixed(2)} / ${withoutGuard.p50.toFixed(2)} ms, ratio ${ratio.toFixed(3)}`,
    )
  }
  const failed = assertions.failed()
  page.step(`${assertions.all().length} assertions, ${failed.length} failed.`)
  for (const { phase, name, detail } of failed) {
    page.step(`FAILED in phase ${phase}: ${name}${detail === '' ? '' : `: ${detail}`}`)
  }
}
