import { crc32 } from 'node:zlib'
import { load } from '../support/load.js'

/** The content types that Clerk accepts for a logo. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'

export const MAX_IMAGE_BYTES = 10 * 1024 * 1024

const FORMATS: readonly (readonly [ImageType, (bytes: Buffer) => boolean])[] = [
  ['image/png', isWholePng],
  ['image/jpeg', isWholeJpeg],
  ['image/gif', isWholeGif],
  ['image/webp', isWholeWebp],
]

/**
 * Returns the type of an image by its bytes, or `undefined` if it is of another type, damaged, cut off or larger than
 * `MAX_IMAGE_BYTES`. Reads the structure of the file and not the pixels. SVG is refused, as it can contain scripts.
 */
export function imageType(bytes: Uint8Array): ImageType | undefined {
  if (bytes.length > MAX_IMAGE_BYTES) return
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const [type] = FORMATS.find(([, isWhole]) => isWhole(buffer)) ?? []
  return type && hasSize(buffer) ? type : undefined
}

function hasSize(bytes: Buffer): boolean {
  try {
    const { width, height } = load('image-size').imageSize(bytes)
    return width > 0 && height > 0
  } catch {
    return false
  }
}

/** Chunks of length, name, data and CRC, from IHDR to IEND: https://www.w3.org/TR/png-3/ */
function isWholePng(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n' || bytes.toString('latin1', 12, 16) !== 'IHDR')
    return false
  let hasData = false
  for (let offset = 8; offset + 12 <= bytes.length;) {
    const end = offset + 12 + bytes.readUInt32BE(offset)
    if (end > bytes.length) return false
    const name = bytes.toString('latin1', offset + 4, offset + 8)
    if (crc32(bytes.subarray(offset + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return false
    if (name === 'IDAT') hasData = true
    if (name === 'IEND') return hasData && end === bytes.length
    offset = end
  }
  return false
}

/** Segments of marker and length with a frame header, up to the scan, and an end marker: ITU-T T.81, annex B */
function isWholeJpeg(bytes: Buffer): boolean {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return false
  let hasFrame = false
  for (let offset = 2; offset + 4 <= bytes.length;) {
    if (bytes[offset] !== 0xff) return false
    const marker = bytes[offset + 1]
    if (marker === 0xff) {
      offset += 1
      continue
    }
    const length = bytes.readUInt16BE(offset + 2)
    if (length < 2) return false
    // Baseline, extended and progressive: the others are not decoded by browsers.
    if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) hasFrame = true
    offset += 2 + length
    if (marker === 0xda) return hasFrame && bytes.indexOf('ffd9', offset, 'hex') !== -1
  }
  return false
}

/** Colour table, then extensions and images, each in blocks of at most 255 bytes, then a trailer: GIF89a */
function isWholeGif(bytes: Buffer): boolean {
  if (!/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return false
  const afterColours = (flags: number, offset: number) => offset + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let offset = afterColours(bytes[10] ?? 0, 13)
  let hasImage = false
  while (offset < bytes.length) {
    const introducer = bytes[offset]
    if (introducer === 0x3b) return hasImage
    if (introducer === 0x2c) {
      hasImage = true
      offset = afterColours(bytes[offset + 9] ?? 0, offset + 10) + 1
    } else if (introducer === 0x21) offset += 2
    else return false
    while (offset < bytes.length && bytes[offset] !== 0) offset += 1 + (bytes[offset] ?? 0)
    offset += 1
  }
  return false
}

/** A RIFF file of chunks with an image, or a frame of an animation: https://developers.google.com/speed/webp */
function isWholeWebp(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return false
  const end = 8 + bytes.readUInt32LE(4)
  if (end > bytes.length) return false
  let hasImage = false
  let offset = 12
  while (offset + 8 <= end) {
    const name = bytes.toString('latin1', offset, offset + 4)
    const data = offset + 8
    if (name === 'VP8 ') hasImage = bytes.toString('hex', data + 3, data + 6) === '9d012a'
    if (name === 'VP8L') hasImage = bytes[data] === 0x2f
    if (name === 'ANMF') hasImage = true
    const length = bytes.readUInt32LE(offset + 4)
    offset = data + length + (length % 2)
  }
  return hasImage && offset === end
}
