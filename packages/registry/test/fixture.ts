import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPartywallError, parseTenantId, type TenantId } from '@partywall/context'
import type { RegistryError } from '@partywall/registry'
import { onTestFinished } from 'vitest'

export const acme: TenantId = parseTenantId('acme')
export const globex: TenantId = parseTenantId('globex')

/** A file as an operator would write it. `status` and `more` are text, so that they can be wrong. */
export function yaml(id: string, status = 'active', more = ''): string {
  return `# ${id}
tenant_id: ${id}
name: The ${id} company
status: ${status}
created_at: 2026-01-31
updated_at: 2026-02-01T10:00:00+01:00
members:
  - issuer: https://login.example
    subject: anna
    role: owner
    scopes: [ops:read, deploy:promote]
entitlements: [reports]
limits: { max_qps: 100 }
${more}`
}

export interface Folder {
  readonly path: string
  put(name: string, text: string | Uint8Array): void
}

/** An empty folder that is gone when the test is over. */
export function folder(): Folder {
  const home = mkdtempSync(join(tmpdir(), 'partywall-registry-'))
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true })
  })
  const path = join(home, 'tenants')
  mkdirSync(path)
  return {
    path,
    put(name, text) {
      writeFileSync(join(path, name), text)
    },
  }
}

/** What a promise was refused with. */
export async function refusalOf(work: Promise<unknown>): Promise<RegistryError> {
  try {
    await work
  } catch (error) {
    if (isPartywallError(error) && 'problems' in error) return error as RegistryError
    throw error
  }
  throw new Error('it was not refused')
}

/** Looks again until `condition` holds: for what another part of the system must do first. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
