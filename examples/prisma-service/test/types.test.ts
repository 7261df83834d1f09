import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const home = fileURLToPath(new URL('..', import.meta.url))
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

it('is typed by the client that was generated, walls and all', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', home]).catch(
    (error: { readonly stdout: string }) => error,
  )
  expect(stdout).toBe('')
})
