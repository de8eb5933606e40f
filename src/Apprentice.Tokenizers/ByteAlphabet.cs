using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>The printable characters by which byte-level vocabularies spell the 256 bytes: a space is <c>Ġ</c>, a newline <c>Ċ</c>.</summary>
/// <remarks>
/// Source: bytes_to_unicode of GPT-2's encoder. Bytes 0x21–0x7E, 0xA1–0xAC and 0xAE–0xFF are their own code point;
/// the other 68 bytes follow from U+0100 on, in increasing order.
/// </remarks>
public static class ByteAlphabet
{
    private static readonly char[] _characters = MakeCharacters();
    private static readonly short[] _bytes = MakeBytes(_characters);

    /// <summary>The character that spells a byte.</summary>
    /// <param name="value">The byte.</param>
    public static char CharacterOf(byte value) => _characters[value];

    /// <summary>The byte that a character spells, or −1 if it spells none.</summary>
    /// <param name="character">A character of a vocabulary entry.</param>
    public static int ByteOf(char character) => character < _bytes.Length ? _bytes[character] : -1;

    /// <summary>The vocabulary spelling of a text.</summary>
    /// <param name="text">Any text.</param>
    public static string Spell(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return string.Create(bytes.Length, bytes, static (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = _characters[source[i]];
            }
        });
    }

    /// <summary>The bytes behind a vocabulary entry. An entry with a character outside the alphabet stands for its own UTF-8 bytes.</summary>
    /// <param name="token">Vocabulary entry.</param>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            int value = ByteOf(token[i]);
            if (value < 0)
            {
                return Encoding.UTF8.GetBytes(token);
            }

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[b] = (char)(printable ? b : next++);
        }

        return characters;
    }

    private static short[] MakeBytes(char[] characters)
    {
        var bytes = new short[256 + 68];
        Array.Fill(bytes, (short)-1);
        for (int b = 0; b < 256; b++)
        {
            bytes[characters[b]] = (short)b;
        }

        return bytes;
    }
}
