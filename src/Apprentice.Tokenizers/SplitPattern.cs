using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>How a text is cut into pieces before BPE merges inside each piece.</summary>
public enum SplitPattern
{
    /// <summary>GPT-2's pattern, also RoBERTa's, CodeBERT's and CodeT5's.</summary>
    Gpt2,

    /// <summary>Qwen2's pattern: any one character may lead a word, digits stand alone, line ends join what is before them.</summary>
    Qwen2,

    /// <summary>Llama 3's pattern: Qwen2's with digits in groups of up to three.</summary>
    Llama3,

    /// <summary>No cutting: the whole text is one piece.</summary>
    None,
}

/// <summary>Cuts a text into pieces by scanning code points, equal to the regular expressions of the original tokenizers.</summary>
/// <remarks>
/// A .NET regular expression works on UTF-16 and takes letters above U+FFFF for symbols, so the patterns are written as scanners.
/// Letter is category L*, number N*, space White_Space.
/// </remarks>
public static class PieceScanner
{
    private const byte Space = 0;
    private const byte Letter = 1;
    private const byte Number = 2;
    private const byte Other = 3;

    private static readonly byte[] _ascii = MakeAscii();

    /// <summary>The end of the piece that starts at a position.</summary>
    /// <param name="pattern">How to cut.</param>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the piece starts: 0 or the end of the piece before it; less than the text's length.</param>
    public static int End(SplitPattern pattern, ReadOnlySpan<char> text, int start) => pattern switch
    {
        SplitPattern.Gpt2 => EndGpt2(text, start),
        SplitPattern.Qwen2 => EndWordwise(text, start, 1),
        SplitPattern.Llama3 => EndWordwise(text, start, 3),
        _ => text.Length,
    };

    private static int EndGpt2(ReadOnlySpan<char> text, int start)
    {
        char first = text[start];
        if (first == '\'')
        {
            int length = ContractionLength(text[(start + 1)..], foldCase: false);
            if (length > 0)
            {
                return start + 1 + length;
            }
        }

        // Only U+0020 may lead a word; a tab or newline before it stays a piece of its own.
        int body = start;
        byte kind = KindAt(text, start, out int width);
        if (first == ' ' && start + 1 < text.Length)
        {
            byte next = KindAt(text, start + 1, out int nextWidth);
            if (next != Space)
            {
                body = start + 1;
                kind = next;
                width = nextWidth;
            }
        }

        int end = RunEnd(text, body + width, kind);
        // A run of spaces gives its last one back to the word that follows it.
        return kind == Space && end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int EndWordwise(ReadOnlySpan<char> text, int start, int digits)
    {
        char first = text[start];
        if (first == '\'')
        {
            int length = ContractionLength(text[(start + 1)..], foldCase: true);
            if (length > 0)
            {
                return start + 1 + length;
            }
        }

        byte kind = KindAt(text, start, out int width);
        int next = start + width;
        if (kind == Letter)
        {
            return RunEnd(text, next, Letter);
        }

        byte nextKind = Space;
        int nextWidth = 0;
        if (next < text.Length)
        {
            nextKind = KindAt(text, next, out nextWidth);
        }

        if (kind != Number && first is not ('\r' or '\n') && nextWidth > 0 && nextKind == Letter)
        {
            return RunEnd(text, next + nextWidth, Letter);
        }

        if (kind == Number)
        {
            int end = next;
            for (int i = 1; i < digits && end < text.Length && KindAt(text, end, out int more) == Number; i++)
            {
                end += more;
            }

            return end;
        }

        if (kind == Other || (first == ' ' && nextWidth > 0 && nextKind == Other))
        {
            int end = RunEnd(text, kind == Other ? next : next + nextWidth, Other);
            while (end < text.Length && text[end] is '\r' or '\n')
            {
                end++;
            }

            return end;
        }

        int spaces = RunEnd(text, next, Space);
        int lineEnd = text[start..spaces].LastIndexOfAny('\r', '\n');
        if (lineEnd >= 0)
        {
            return start + lineEnd + 1;
        }

        return spaces < text.Length && spaces - start > 1 ? spaces - 1 : spaces;
    }

    /// <summary>Length of the contraction's letters after the apostrophe, or 0.</summary>
    private static int ContractionLength(ReadOnlySpan<char> rest, bool foldCase)
    {
        if (rest.Length == 0)
        {
            return 0;
        }

        char a = foldCase ? Fold(rest[0]) : rest[0];
        if (a is 's' or 't' or 'm' or 'd')
        {
            return 1;
        }

        char b = rest.Length < 2 ? '\0' : foldCase ? Fold(rest[1]) : rest[1];
        return (a, b) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    // U+017F, the long s, folds to s in Unicode and so in the original's case-insensitive group.
    private static char Fold(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c == '\u017F' ? 's' : c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RunEnd(ReadOnlySpan<char> text, int position, byte kind)
    {
        byte[] ascii = _ascii;
        while (position < text.Length)
        {
            char c = text[position];
            if (c < ascii.Length)
            {
                if (ascii[c] != kind)
                {
                    break;
                }

                position++;
            }
            else
            {
                if (KindOfRune(text, position, out int width) != kind)
                {
                    break;
                }

                position += width;
            }
        }

        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte KindAt(ReadOnlySpan<char> text, int position, out int width)
    {
        char c = text[position];
        byte[] ascii = _ascii;
        if (c < ascii.Length)
        {
            width = 1;
            return ascii[c];
        }

        return KindOfRune(text, position, out width);
    }

    private static byte KindOfRune(ReadOnlySpan<char> text, int position, out int width)
    {
        // A lone surrogate comes back as U+FFFD with width 1, which is what its UTF-8 bytes will say.
        Rune.DecodeFromUtf16(text[position..], out Rune rune, out width);
        return KindOf(rune);
    }

    private static byte KindOf(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            return Space;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
            _ => Other,
        };
    }

    private static byte[] MakeAscii()
    {
        var kinds = new byte[128];
        for (int c = 0; c < kinds.Length; c++)
        {
            kinds[c] = KindOf(new Rune(c));
        }

        return kinds;
    }
}
