import { card, cardHead, facts, tools } from './card-parts.js'
import { credentialList } from './credentials.js'
import { element } from './element.js'
import { MINT_PATHS, mintButton } from './mint.js'
import { briefly } from './text.js'
import { between } from './time.js'

/** @typedef {import('../src/control/directory-view.js').MachineView} MachineView */

/**
 * @param {MachineView} machine
 * @param {() => void} onChange
 */
export function machineCard(machine, onChange) {
  const { id, name } = machine
  const head = cardHead({ name, id })
  const known = element('div')
  const credentials = credentialList(name, { hasSessions: false, onRevoked: onChange })
  const inputOf = (/** @type {'opaque' | 'jwt'} */ format) => () => ({ from: id, format })

  /** @param {MachineView} now */
  function update(now) {
    const { mayCall, defaultTtlInSeconds } = now
    const called = mayCall.first.map((machine) => [machine])
    known.replaceChildren(
      facts({ label: 'May call', owner: name, facts: called, total: mayCall.total, none: 'none' }),
      facts({ label: 'Lifetime', owner: name, facts: [[between(0, defaultTtlInSeconds * 1000)]] }),
    )
    credentials.update(now)
  }

  update(machine)
  return {
    element: card(
      head.headingId,
      head.element,
      known,
      tools(
        `Mint tokens of ${briefly(name)}`,
        mintButton(
          { label: 'M2M token', what: 'an M2M token', path: MINT_PATHS.m2m, input: inputOf('opaque') },
          name,
          onChange,
        ),
        mintButton(
          { label: 'M2M JWT', what: 'an M2M JWT', path: MINT_PATHS.m2m, input: inputOf('jwt') },
          name,
          onChange,
        ),
      ),
      credentials.element,
    ),
    update,
  }
}
