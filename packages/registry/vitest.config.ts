import { mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

export default mergeConfig(shared, { test: { name: 'registry', testTimeout: 60_000 } })
