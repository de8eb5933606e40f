using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Apprentice.Code;

namespace Apprentice.Data;

/// <summary>A function as numbers: a 64-bit hash for each token that is neither comment nor Python documentation string, made for fast comparison.</summary>
/// <remarks>The hashes are the same in every process, so results do not depend on the run. Reused over functions; not for several threads.</remarks>
internal sealed class TokenPrint
{
    private const ulong IdentifierMark = 0x9E3779B97F4A7C15;
    private const ulong LiteralMark = 0xC2B2AE3D27D4EB4F;
    private readonly List<CodeToken> _tokens = [];
    private readonly Dictionary<ulong, int> _names = [];
    private ulong[] _hashes = [];
    private bool[] _isName = [];
    private bool[] _isLiteral = [];

    /// <summary>Number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Reads another function.</summary>
    public void Read(CodeItem item)
    {
        _tokens.Clear();
        Lexer.Tokenize(item.Language, item.Code, _tokens);
        if (_hashes.Length < _tokens.Count)
        {
            int size = Math.Max(_tokens.Count, 256) * 2;
            (_hashes, _isName, _isLiteral) = (new ulong[size], new bool[size], new bool[size]);
        }

        Count = 0;
        _tokens.RemoveAll(static token => token.Kind == CodeTokenKind.Comment);
        int depth = 0;
        for (int i = 0; i < _tokens.Count; i++)
        {
            CodeToken token = _tokens[i];
            if (item.Language == Language.Python)
            {
                depth += token.Length != 1 ? 0 : item.Code[token.Start] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
                if (depth == 0 && IsStatement(item.Code, i))
                {
                    continue;
                }
            }

            _hashes[Count] = Hash(token.Text(item.Code));
            _isName[Count] = token.Kind == CodeTokenKind.Identifier;
            _isLiteral[Count] = token.Kind is CodeTokenKind.Number or CodeTokenKind.String or CodeTokenKind.Character;
            Count++;
        }
    }

    /// <summary>Equal for functions with equal tokens.</summary>
    public UInt128 ExactKey() => Key(_hashes.AsSpan(0, Count));

    /// <summary>Equal for functions that are equal after renaming names consistently and replacing literals (type-2 clones).</summary>
    public UInt128 RenamedKey()
    {
        ulong[] renamed = new ulong[Count];
        _names.Clear();
        for (int i = 0; i < Count; i++)
        {
            renamed[i] = _isLiteral[i] ? LiteralMark : _isName[i] ? IdentifierMark + (ulong)Number(_hashes[i]) : _hashes[i];
        }

        return Key(renamed);
    }

    /// <summary>Hashes of all runs of <paramref name="length"/> tokens, in order; a shorter function is one run.</summary>
    public void Windows(int length, List<ulong> windows)
    {
        windows.Clear();
        for (int start = 0; start == 0 || start + length <= Count; start++)
        {
            ulong hash = 0;
            int end = Math.Min(start + length, Count);
            for (int i = start; i < end; i++)
            {
                hash = Mix(hash ^ _hashes[i]);
            }

            windows.Add(hash);
        }
    }

    /// <summary>As <see cref="Windows"/>, but names are numbered by their first place within the run, so that consistent renaming changes nothing.</summary>
    public void RenamedWindows(int length, bool keepLiterals, List<ulong> windows)
    {
        windows.Clear();
        Span<ulong> seen = length <= 64 ? stackalloc ulong[length] : new ulong[length];
        for (int start = 0; start == 0 || start + length <= Count; start++)
        {
            ulong hash = 1;
            int names = 0;
            int end = Math.Min(start + length, Count);
            for (int i = start; i < end; i++)
            {
                ulong value = _hashes[i];
                if (_isName[i])
                {
                    int number = seen[..names].IndexOf(value);
                    if (number < 0)
                    {
                        seen[number = names++] = value;
                    }

                    value = IdentifierMark + (ulong)number;
                }
                else if (_isLiteral[i] && !keepLiterals)
                {
                    value = LiteralMark;
                }

                hash = Mix(hash ^ value);
            }

            windows.Add(hash);
        }
    }

    /// <summary>A bijection of 64 bits in which every input bit reaches every output bit (finaliser of SplitMix64).</summary>
    public static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>Whether a token of Python code is a string that stands alone on its lines: a documentation string, which is a comment in effect.</summary>
    private bool IsStatement(string code, int place)
    {
        CodeToken token = _tokens[place];
        return token.Kind == CodeTokenKind.String
            && (place == 0 || LastLine(_tokens[place - 1]) < token.Line)
            && (place == _tokens.Count - 1 || _tokens[place + 1].Line > LastLine(token));

        int LastLine(CodeToken other) => other.Line + other.Text(code).Count('\n');
    }

    private static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char character in text)
        {
            hash = (hash ^ character) * 0x100000001B3;
        }

        return Mix(hash);
    }

    private static UInt128 Key(ReadOnlySpan<ulong> values)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(values), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    private int Number(ulong name)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out bool known);
        return known ? number : number = _names.Count;
    }
}
