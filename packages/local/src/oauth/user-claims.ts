import { imageFields } from '../answers/image.js'
import type { User } from '../model/user.js'
import { primaryEmailOf } from '../people/user.js'
import type { World } from '../state/world.js'

/** What a client learns about a user, by its scopes: OpenID Connect Core section 5.4, and Clerk's metadata. */
export function userClaims(user: User, scopes: readonly string[], world: World) {
  const { first_name, last_name, username, public_metadata, private_metadata, unsafe_metadata } = user
  const email = primaryEmailOf(world, user)
  return {
    ...(scopes.includes('profile') && {
      name: [first_name, last_name].filter(Boolean).join(' ') || null,
      given_name: first_name,
      family_name: last_name,
      preferred_username: username,
      picture: imageFields(world, user).image_url,
    }),
    ...(scopes.includes('email') && {
      email: email?.email_address ?? null,
      email_verified: email?.verified ?? false,
    }),
    ...(scopes.includes('public_metadata') && { public_metadata, unsafe_metadata }),
    ...(scopes.includes('private_metadata') && { private_metadata }),
  }
}
