import { defineConfig } from 'vitest/config'

const source = ['@partywall/source']

export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    projects: ['packages/*', 'examples/*', 'bench', 'test'],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})
