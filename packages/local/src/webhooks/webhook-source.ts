import type { TableName } from '../model/tables.js'
import type { WebhookEvent } from '../model/webhook-event.js'
import type { TableChange, World } from '../state/world.js'
import { EVENT_SOURCES, type EmitWebhookEvent, type EventSource } from './event-sources.js'

/** A change and, for a removal, its event, with data that is gone once the transaction has ended. */
interface SeenChange {
  readonly change: TableChange
  readonly removal: WebhookEvent | undefined
}

/**
 * Emits an event for every change for which Clerk has one, but one only for all changes of a record in a transaction.
 * Messages come last, as they are sent because of the other changes.
 */
export function watchWorld(world: World, emit: EmitWebhookEvent): void {
  world.watch<SeenChange>(
    (change) => ({
      change,
      removal: change.after ? undefined : sourceOf(change.table)?.removed?.(change.before as never, world),
    }),
    (seen) => {
      for (const [first, last] of byRecord(seen)) emitOf(first.change.before, last, world, emit)
    },
  )
}

function sourceOf(table: TableName): EventSource<never> | undefined {
  return EVENT_SOURCES[table]
}

/** The first and the last change of each record, in the order of the first changes, but those of messages last. */
function byRecord(seen: readonly SeenChange[]): readonly (readonly [SeenChange, SeenChange])[] {
  const pairs = new Map<string, readonly [SeenChange, SeenChange]>()
  for (const one of seen) {
    const { table, before, after } = one.change
    const key = `${table}:${(after ?? before).id}`
    pairs.set(key, [pairs.get(key)?.[0] ?? one, one])
  }
  return [...pairs.values()].toSorted(([one], [other]) => Number(isMessage(one)) - Number(isMessage(other)))
}

function isMessage({ change: { table } }: SeenChange): boolean {
  return table === 'emails' || table === 'sms_messages'
}

function emitOf(
  before: object | undefined,
  { change, removal }: SeenChange,
  world: World,
  emit: EmitWebhookEvent,
): void {
  if (removal && before) return emit(removal.type, () => removal.data)
  const source = sourceOf(change.table)
  const { after } = change
  if (!source || !after) return
  const type = source.set(after as never, before as never, world)
  if (type) emit(type, () => source.data(after as never, world))
  if (!before) source.afterAdded?.(after as never, world, emit)
}
