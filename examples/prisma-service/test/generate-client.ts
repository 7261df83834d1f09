import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const home = fileURLToPath(new URL('..', import.meta.url))

/** Generates the client of the service, as `prisma generate` does, without a network. */
export async function setup(): Promise<void> {
  const { PATH, HOME } = process.env
  const prisma = 'node_modules/prisma/build/index.js'
  await promisify(execFile)(process.execPath, [prisma, 'generate'], {
    cwd: home,
    env: {
      PATH,
      HOME,
      // What would have to be downloaded, and is not needed to generate.
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}
