import { defineProject } from 'vitest/config'

const source = ['@partywall/source']

/** What every package's test project has in common: it reads sources, not builds. */
export const shared: ReturnType<typeof defineProject> = defineProject({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], checker: 'tsc' },
    restoreMocks: true,
    // Real servers on a busy machine: a test that hangs fails, one that is slow does not.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
