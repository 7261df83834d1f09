import type { Severity } from '@partywall/context/spi'
import { publish } from '@partywall/context/spi'
import { createRecorder } from '@partywall/telemetry'
import { Counter, Registry } from 'prom-client'
// Not public: what is promised is the cost of one counter, without the channel around it.
import { createCounterCells } from '../../packages/telemetry/src/counter-cells.ts'
import { createLabelSet } from '../../packages/telemetry/src/label-set.ts'
import type { Case } from './alone.ts'

const models: Readonly<Record<string, Severity>> = { User: 'CRITICAL', Role: 'HIGH' }
const endpoints = ['/api/admin/users', '/api/admin/roles']

/** Counting one thing, without a scrape. */
export const counterCases: readonly Case[] = [
  {
    name: "prom-client's inc with two labels",
    prepare: () => {
      const counter = new Counter({
        name: 'peer_total',
        help: 'peer',
        labelNames: ['model', 'severity'],
        registers: [new Registry()],
      })
      return () => counter.inc({ model: 'User', severity: 'CRITICAL' })
    },
  },
  {
    name: 'a counter of ours with three labels',
    prepare: () => {
      const cells = createCounterCells(createLabelSet({ models, endpoints, reasons: [] }))
      return () => cells.violation('User', 'CRITICAL', '/api/admin/users')
    },
    goalNs: 50,
  },
  {
    name: 'a whole event: publish, receive, two counters and a histogram',
    prepare: () => {
      createRecorder({ models, endpoints })
      return () => publish({ type: 'guarded', surface: 'sql', overheadMs: 0.004 })
    },
  },
]
