import { mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

export default mergeConfig(shared, { test: { name: 'prisma', testTimeout: 60_000 } })
