import type { Observations, Severity } from '@partywall/context/spi'
import {
  createRecorder,
  type DailyReport,
  dailyReport,
  type RecorderOptions,
  type RecordLogger,
  readAggregates,
  renderDailyReport,
} from '@partywall/telemetry'
import { pino } from 'pino'
import { expectTypeOf, it } from 'vitest'

it('is what gates read', () => {
  expectTypeOf(createRecorder).returns.toExtend<Observations>()
})

it('asks for severities that exist', () => {
  expectTypeOf<RecorderOptions['models']>().toEqualTypeOf<Readonly<Record<string, Severity>>>()
  // @ts-expect-error there is no such severity
  createRecorder({ models: { User: 'SEVERE' } })
  // @ts-expect-error the declared models are the closed set of a label
  createRecorder({})
})

it('takes pino and console as they are', () => {
  expectTypeOf(pino()).toExtend<RecordLogger>()
  expectTypeOf<Console>().toExtend<RecordLogger>()
})

it('writes only the three formats', async () => {
  const report = dailyReport(await readAggregates('.'), { date: '2026-01-28' })
  expectTypeOf(report).toEqualTypeOf<DailyReport>()
  // @ts-expect-error there is no HTML
  renderDailyReport(report, 'html')
})
