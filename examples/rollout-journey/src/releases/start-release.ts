import { isPartywallError } from '@partywall/context'
import type { InstanceSettings } from '../fleet/messages.ts'
import { runInstance } from '../service/run-instance.ts'
import type { Release } from './release.ts'

/** Runs this process as one instance of the service, in this release. */
export async function startRelease(release: Release): Promise<void> {
  try {
    // Written by the fleet, which starts this process: see fleet/instance-process.ts.
    const settings = JSON.parse(process.env['JOURNEY_INSTANCE'] ?? '{}') as InstanceSettings
    if (settings.release !== release.name) throw new Error(`this is release ${release.name}`)
    await runInstance(release, settings, process)
  } catch (error) {
    if (!isPartywallError(error)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}
