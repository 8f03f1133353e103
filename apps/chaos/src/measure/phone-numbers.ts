/** Area codes of the United States. */
const areaCodes = [
  ...[201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231],
  ...[234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307],
  ...[308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339, 347, 351],
  ...[352, 360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 425, 430],
  ...[432, 434, 435, 440, 443, 469, 470, 475, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512],
  ...[513, 515, 516, 517, 518, 520, 530, 540, 541, 551, 559, 561, 562, 563, 567, 570, 571, 573, 574, 575, 580, 585],
]

/** 555-0100 to 555-0199 of every area code belong to nobody: the North American plan keeps them for fiction. */
const perAreaCode = 100

/** So many numbers in E.164 form, those after the first `skip`; no two are the same. */
export function fictionalNumbers(count: number, skip = 0): string[] {
  if (skip + count > areaCodes.length * perAreaCode) {
    throw new Error(`There are only ${areaCodes.length * perAreaCode} fictional numbers: ask for fewer.`)
  }
  return Array.from({ length: count }, (_, index) => {
    // Neighbours are in different places, as in a list of customers.
    const areaCode = areaCodes[(skip + index) % areaCodes.length]
    const line = 100 + Math.floor((skip + index) / areaCodes.length)
    return `+1${areaCode}5550${line}`
  })
}
