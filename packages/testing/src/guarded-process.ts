import { spawn } from 'node:child_process'

/**
 * Runs a command, and ends it and removes its folder when its standard input closes: that happens
 * however the owner ends, SIGKILL included. A group of its own keeps Ctrl-C away from it, so that it
 * can clean up. Told to halt, it ends the command and keeps the folder until its input closes; told
 * to keep it, it leaves the folder to the owner, who had no server in it.
 *
 * A shell's background command ignores QUIT until, as PostgreSQL and initdb, it asks for it: one that
 * has just begun hears no signal. So the signal is sent until every process of the command has closed
 * the pipe that they all inherit; only then does nobody write to the folder any more.
 */
const guardian = `
folder=$1; signal=$2; shift 2
trap : HUP INT QUIT TERM
ulimit -c 0
exec 3>&1
"$@" </dev/null 4>&1 >&3 2>&3 3>&- | (trap '' HUP INT QUIT TERM; exec cat >/dev/null 3>&-) &
last=$!
exec >/dev/null 2>&1 3>&-
read -r order
kill -"$signal" 0
while kill -0 "$last"; do sleep 0.02; kill -"$signal" 0; done
[ "$order" = halt ] && read -r _
[ "$order" = keep ] || rm -rf "$folder"
`

export interface GuardedProcessOptions {
  readonly command: readonly string[]
  /** Removed when the process has ended. */
  readonly folder: string
  /** Text in its output that says that it is up. */
  readonly ready: string
  /** What makes it stop at once: its data is thrown away. */
  readonly endWith: 'QUIT' | 'TERM'
  readonly timeoutMs: number
}

export interface GuardedProcess {
  /** Ends the process and keeps its folder; `stop()` is still to be called. */
  halt(): Promise<void>
  /** Ends the process and removes its folder. */
  stop(): Promise<void>
}

/** What is kept of a server's output, to tell why it did not come up. */
const outputLimit = 4_000

/**
 * Starts a server that never outlives this process, and leaves no file behind.
 * Rejects with the end of its output as the message when it ends or stays silent; the folder is then
 * the caller's.
 */
export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const { command, folder, ready, endWith, timeoutMs } = options
  const child = spawn(
    '/bin/sh',
    ['-c', guardian, 'partywall-guardian', folder, endWith, ...command],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      cwd: folder,
    },
  )
  // Its end shows in its output and its exit.
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  // The guardian gives its output away, so the end of that is the end of the server.
  const silent = new Promise<void>((resolve) => {
    child.stdout.once('close', () => resolve())
  })
  const halt = async (): Promise<void> => {
    child.stdin.write('halt\n')
    setReference(child.stdout, 'ref')
    await silent
  }
  const stop = async (): Promise<void> => {
    child.stdin.destroy()
    child.ref()
    await ended
  }
  try {
    await new Promise<void>((resolve, reject) => {
      let output = ''
      const timer = setTimeout(() => reject(new Error(`not up after ${timeoutMs} ms`)), timeoutMs)
      const failed = (cause?: Error): void => {
        clearTimeout(timer)
        reject(new Error(output.trim() || 'it ended without a word', { cause }))
      }
      child.once('error', failed)
      child.stdout.once('end', () => failed())
      child.stdout.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-outputLimit)
        if (!output.includes(ready)) return
        clearTimeout(timer)
        resolve()
      })
    })
  } catch (error) {
    child.stdin.end('keep\n')
    await ended
    throw error
  }
  // A test that forgets stop() still ends, and with it the server.
  child.unref()
  setReference(child.stdin, 'unref')
  setReference(child.stdout, 'unref')
  return { halt, stop }
}

/** Pipes of a child are sockets; their types do not say so. */
export function setReference(pipe: object, how: 'ref' | 'unref'): void {
  const change = Reflect.get(pipe, how)
  if (typeof change === 'function') change.call(pipe)
}
