import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** The folder of one run, which nobody sweeps while its owner lives. */
export interface RunFolder {
  readonly path: string
  remove(): Promise<void>
}

/** Temporary folders may be shared by machines and containers, which cannot ask each other's owners. */
const prefix = `partywall-journey-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`

/** The socket that tells whether a folder's owner lives: the system closes it however he ends. */
const owner = 'owner'

/** A socket's path is short on all systems; a longer one is cut by some and refused by others. */
const longestSocketPath = 100

/**
 * Makes the folder of a run below `parent`, and first removes what runs left there that were killed
 * before they could clean up. A folder without its owner's socket is left alone.
 */
export async function makeRunFolder(parent: string): Promise<RunFolder> {
  await sweep(parent)
  const path = mkdtempSync(join(parent, prefix))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  if (Buffer.byteLength(join(path, owner)) > longestSocketPath)
    return { path, remove: async () => remove() }
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    // Renamed when it answers: between its making and its answering it looks like a dead one.
    server.listen(join(path, 'new'))
    await once(server, 'listening')
    renameSync(join(path, 'new'), join(path, owner))
  } catch (error) {
    remove()
    throw error
  }
  return {
    path,
    async remove() {
      remove()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function sweep(parent: string): Promise<void> {
  const folders = readdirSync(parent).filter((name) => name.startsWith(prefix))
  await Promise.all(
    folders.map(async (name) => {
      const path = join(parent, name)
      if (await isDead(join(path, owner))) rmSync(path, { recursive: true, force: true })
    }),
  )
}

/** Only a socket that is there and refuses is dead; whatever else happens, somebody may live. */
function isDead(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'))
  })
}
