// Processes that end with their owner, whatever ends it: each gets a group of its own, which is
// signalled as a whole, and a mark in its environment by which strays are found on Linux.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a group may take to end by itself; npm's own caller looks after 5 s. */
const graceMs = 2_000
/** How long what a command printed at its end may take to arrive. */
const lastOutputMs = 1_000

export function ownProcesses() {
  const mark = `PARTYWALL_RUN=${randomBytes(8).toString('hex')}`
  const [name, value] = mark.split('=')
  const running = new Set()
  let ending = false

  /**
   * Runs a command to its end, in view, or with `onOutput` for whatever it prints; resolves to its
   * exit code.
   */
  const run = (command, args, { cwd, env = process.env, onOutput } = {}) =>
    new Promise((resolve, reject) => {
      if (ending) return
      const child = spawn(command, args, {
        cwd,
        env: { ...env, [name]: value },
        stdio: ['ignore', ...(onOutput === undefined ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
        detached: true,
      })
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput)
      running.add(child)
      child.once('error', (error) => {
        running.delete(child)
        if (!ending) reject(error)
      })
      let lastOutput
      const settle = (code, signal) => {
        clearTimeout(lastOutput)
        running.delete(child)
        // While everything ends, nobody is told: the caller must not start the next step.
        if (!ending) resolve(code ?? (signal === null ? 1 : 128))
      }
      child.once('exit', (code, signal) => {
        if (onOutput === undefined) settle(code, signal)
        // Whatever it left behind may hold its output open for ever.
        else lastOutput = setTimeout(settle, lastOutputMs, code, signal)
      })
      child.once('close', settle)
    })

  /** Ends what still runs, group by group, then strays; resolves when nothing is left. */
  const end = async () => {
    ending = true
    for (const child of running) signalGroup(child.pid, 'SIGTERM')
    await until(() => running.size === 0 && strays(mark).length === 0, graceMs)
    for (const child of running) signalGroup(child.pid, 'SIGKILL')
    for (const id of strays(mark)) signal(id, 'SIGTERM')
    await until(() => strays(mark).length === 0, graceMs / 2)
    for (const id of strays(mark)) signal(id, 'SIGKILL')
    await until(() => strays(mark).length === 0, graceMs / 4)
  }

  return { mark, run, end }
}

function signalGroup(id, name) {
  if (id !== undefined) signal(-id, name)
}

function signal(id, name) {
  try {
    process.kill(id, name)
  } catch {
    // It has ended by itself.
  }
}

async function until(done, timeoutMs) {
  const deadline = Date.now() + timeoutMs
  while (!done() && Date.now() < deadline) await sleep(50)
}

/** Processes that bear the mark of an owner, those included that left their group, say a guardian. */
export function strays(mark) {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .filter((entry) => environmentOf(entry).includes(mark))
      .map(Number)
  } catch {
    return []
  }
}

function environmentOf(entry) {
  try {
    return readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}
