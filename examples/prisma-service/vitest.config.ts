import { mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

export default mergeConfig(shared, {
  test: { name: 'prisma-service', globalSetup: ['test/generate-client.ts'], testTimeout: 60_000 },
})
