/** The most bytes a character has, by character set; those that are not here are not known. */
const BYTES: Readonly<Record<string, number>> = {
  ...Object.fromEntries([
    'armscii8', 'ascii', 'cp1250', 'cp1251', 'cp1256', 'cp1257', 'cp850', 'cp852', 'cp866', 'dec8', 'geostd8', 'greek', 'hebrew', 'hp8', 'keybcs2', 'koi8r', 'koi8u',
    'latin1', 'latin2', 'latin5', 'latin7', 'macce', 'macroman', 'swe7', 'tis620',
  ].map((name) => [name, 1])),
  big5: 2, cp932: 2, euckr: 2, gb2312: 2, gbk: 2, sjis: 2, ucs2: 2,
  eucjpms: 3, ujis: 3, utf8mb3: 3,
  gb18030: 4, utf16: 4, utf16le: 4, utf32: 4, utf8mb4: 4,
};

/** Character sets whose shortest character has more than one byte. */
const SHORTEST: Readonly<Record<string, number>> = { ucs2: 2, utf16: 2, utf16le: 2, utf32: 4 };

/** In which character sets the bytes of a text mean the same characters. */
const READ_ALIKE: Readonly<Record<string, readonly string[]>> = {
  ascii: ['latin1', 'utf8mb3', 'utf8mb4'],
  utf8mb3: ['utf8mb4'],
};

/** The most bytes of a character; undefined for a character set that is not known. */
export function bytesPerCharacter(characterSet: string): number | undefined {
  return BYTES[characterSet];
}

/** The fewest bytes of a character. */
export function fewestBytes(characterSet: string): number {
  return SHORTEST[characterSet] ?? 1;
}

/** Whether every text of the first character set reads the same when its bytes are taken for the second. */
export function readsAlike(from: string, to: string): boolean {
  return from === to || (READ_ALIKE[from] ?? []).includes(to);
}

/** The name as MySQL 8.0 has it: 5.7 says `utf8` where 8.0 says `utf8mb3`. */
export function characterSetName(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'utf8' ? 'utf8mb3' : lower;
}
