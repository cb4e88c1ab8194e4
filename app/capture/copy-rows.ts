/**
 * Rows in PostgreSQL's binary COPY format (its manual, "COPY", Binary Format): a header, then for each row the number of
 * fields and each field as length and bytes in network order. Binary rather than text, because the numbers, times
 * and hashes of an event then need no formatting here and no parsing there.
 */

const HEADER = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)])
const PIECE_BYTES = 1 << 16
/** Left free at the end of a piece: most rows are shorter. */
const SPARE_BYTES = 2_048
/** 2000-01-01, where PostgreSQL's clock begins, in epoch milliseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000

/** Rows being written, in pieces of a COPY stream. Held by one import. */
export class CopyRows {
  private bytes: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  private used = 0
  private full: Buffer[] = []

  constructor() {
    this.used = HEADER.copy(this.bytes, 0)
  }

  /** The pieces that are full. Their memory is the caller's from then on. */
  takeFull(): Buffer[] {
    const pieces = this.full
    this.full = []
    return pieces
  }

  /** The last piece, with the mark that ends the stream. */
  end(): Buffer {
    this.room(2)
    this.used = this.bytes.writeInt16BE(-1, this.used)
    return this.bytes.subarray(0, this.used)
  }

  /** Begins a row of so many fields. */
  row(fields: number): void {
    if (this.used > PIECE_BYTES - SPARE_BYTES) {
      this.full.push(this.bytes.subarray(0, this.used))
      this.bytes = Buffer.allocUnsafeSlow(PIECE_BYTES)
      this.used = 0
    }
    this.room(2)
    this.used = this.bytes.writeInt16BE(fields, this.used)
  }

  none(): void {
    this.room(4)
    this.used = this.bytes.writeInt32BE(-1, this.used)
  }

  bool(value: boolean): void {
    this.room(5)
    this.bytes.writeInt32BE(1, this.used)
    this.used = this.bytes.writeUInt8(value ? 1 : 0, this.used + 4)
  }

  int16(value: number): void {
    this.room(6)
    this.bytes.writeInt32BE(2, this.used)
    this.used = this.bytes.writeInt16BE(value, this.used + 4)
  }

  int32(value: number | undefined): void {
    if (value === undefined) {
      this.none()
      return
    }
    this.room(8)
    this.bytes.writeInt32BE(4, this.used)
    this.used = this.bytes.writeInt32BE(value, this.used + 4)
  }

  int64(value: bigint): void {
    this.room(12)
    this.bytes.writeInt32BE(8, this.used)
    this.used = this.bytes.writeBigInt64BE(value, this.used + 4)
  }

  /** A time, from epoch milliseconds: 64-bit microseconds since 2000, written as two halves (no BigInt). */
  time(ms: number): void {
    this.room(12)
    const micros = (ms - POSTGRES_EPOCH_MS) * 1_000
    const high = Math.floor(micros / 4_294_967_296)
    this.bytes.writeInt32BE(8, this.used)
    this.bytes.writeInt32BE(high, this.used + 4)
    this.used = this.bytes.writeUInt32BE(micros - high * 4_294_967_296, this.used + 8)
  }

  /** Bytes given as a string of one character each. */
  latin1(value: string | undefined): void {
    if (value === undefined) {
      this.none()
      return
    }
    this.room(4 + value.length)
    this.bytes.writeInt32BE(value.length, this.used)
    this.used += 4 + this.bytes.write(value, this.used + 4, "latin1")
  }

  blob(value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.none()
      return
    }
    this.room(4 + value.length)
    this.bytes.writeInt32BE(value.length, this.used)
    this.bytes.set(value, this.used + 4)
    this.used += 4 + value.length
  }

  text(value: string | undefined): void {
    if (value === undefined) {
      this.none()
      return
    }
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    this.room(4 + value.length * 3)
    const length = this.bytes.write(value, this.used + 4, "utf8")
    this.bytes.writeInt32BE(length, this.used)
    this.used += 4 + length
  }

  private room(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.used + bytes))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }
}
