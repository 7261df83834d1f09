import { mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

export default mergeConfig(shared, {
  test: {
    name: 'rollout-journey',
    globalSetup: ['test/build-entries.ts'],
    // Each file runs a service on a PostgreSQL of its own; together they would only wait longer.
    fileParallelism: false,
    // It measures and asserts what happens under its own load: it runs when the other tests have ended.
    sequence: { groupOrder: 1 },
  },
})
