/**
 * Preloaded with `node --import '…/shift-host-clock.mjs?ms=3600000'` it makes a process believe that its host's clock is
 * an hour ahead: `Date` is off, everything else goes on as ever.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('ms'))
const RealDate = Date

globalThis.Date = class HostDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + shiftMs)
    else super(...given)
  }

  static now() {
    return RealDate.now() + shiftMs
  }
}
