import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const source = ['@partywall/source']

export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    projects: ['packages/*', 'examples/*', 'bench', 'test'],
    // On two cores the default is one worker; most of these tests wait for servers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})
