import { isPartywallError } from '@partywall/context'
import type { InstanceSettings } from './fleet/messages.ts'
import { runInstance } from './service/run-instance.ts'

try {
  // Written by the fleet, which starts this process: see fleet/instance-process.ts.
  const settings = JSON.parse(process.env['JOURNEY_INSTANCE'] ?? '{}') as InstanceSettings
  await runInstance(settings, process)
} catch (error) {
  if (!isPartywallError(error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(2)
}
