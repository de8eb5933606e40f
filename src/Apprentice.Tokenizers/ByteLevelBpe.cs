using System.Collections.Concurrent;
using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>Byte-level byte-pair encoding, the tokenizer of GPT-2, RoBERTa, CodeBERT, CodeT5, Qwen2 and Llama 3.</summary>
/// <remarks>
/// Source: GPT-2's encoder (Radford et al., 2019; Sennrich et al., 2016, arXiv:1508.07909), with added tokens, offsets and
/// special tokens as in the Hugging Face tokenizers library. Immutable; threads may share one instance.
/// </remarks>
public sealed partial class ByteLevelBpe : ITokenizer
{
    private const int SpareWorkspaces = 64;

    private readonly BpeVocabulary _vocabulary;
    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly byte[][] _bytes;
    private readonly bool[] _special;
    private readonly int[] _byteIds = new int[256];
    private readonly ushort[] _leadingSpaces;
    private readonly ushort[] _trailingSpaces;
    private readonly MergeTable _merges;
    private readonly AddedTokenMatcher _added;
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    /// <summary>Builds the tokenizer.</summary>
    /// <param name="vocabulary">Its parts.</param>
    /// <exception cref="TokenizerException">The parts do not fit together: a token twice, a merge of something that is no token, an id out of range, a missing byte.</exception>
    public ByteLevelBpe(BpeVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _tokens = [.. vocabulary.Tokens];
        _ids = new Dictionary<string, int>(_tokens.Length, StringComparer.Ordinal);
        _bytes = new byte[_tokens.Length][];
        _special = new bool[_tokens.Length];
        _leadingSpaces = new ushort[_tokens.Length];
        _trailingSpaces = new ushort[_tokens.Length];
        for (int id = 0; id < _tokens.Length; id++)
        {
            string token = _tokens[id];
            if (!_ids.TryAdd(token, id))
            {
                throw Problem($"token '{token}' has two ids, {_ids[token]} and {id}.");
            }

            _bytes[id] = ByteAlphabet.BytesOf(token);
            _leadingSpaces[id] = (ushort)Math.Min(ushort.MaxValue, token.Length - token.AsSpan().TrimStart('Ġ').Length);
            _trailingSpaces[id] = (ushort)Math.Min(ushort.MaxValue, token.Length - token.AsSpan().TrimEnd('Ġ').Length);
        }

        if (vocabulary.UnknownId is int unknown && (uint)unknown >= (uint)_tokens.Length)
        {
            throw Problem($"the id {unknown} of the unknown token is outside the vocabulary of {_tokens.Length}.");
        }

        foreach (AddedToken token in vocabulary.AddedTokens)
        {
            if ((uint)token.Id >= (uint)_tokens.Length || _tokens[token.Id] != token.Content)
            {
                throw Problem($"added token '{token.Content}' has id {token.Id}, where the vocabulary has {((uint)token.Id < (uint)_tokens.Length ? $"'{_tokens[token.Id]}'" : "nothing")}.");
            }

            _special[token.Id] |= token.Special;
        }

        for (int b = 0; b < 256; b++)
        {
            if (!_ids.TryGetValue(ByteAlphabet.CharacterOf((byte)b).ToString(), out _byteIds[b]))
            {
                _byteIds[b] = vocabulary.UnknownId
                    ?? throw Problem($"no token for byte 0x{b:X2} ('{ByteAlphabet.CharacterOf((byte)b)}') and no unknown token. Is this a byte-level vocabulary?");
            }
        }

        _merges = new MergeTable(vocabulary.Merges.Count);
        for (int rank = 0; rank < vocabulary.Merges.Count; rank++)
        {
            (string left, string right) = vocabulary.Merges[rank];
            _merges.Set(MergeSide(left, rank), MergeSide(right, rank), rank, MergeSide(left + right, rank));
        }

        foreach (FramePlace place in vocabulary.Frame.Single.Concat(vocabulary.Frame.Pair))
        {
            if (place.Id >= _tokens.Length)
            {
                throw Problem($"the post-processor adds id {place.Id}, outside the vocabulary of {_tokens.Length}.");
            }
        }

        _added = new AddedTokenMatcher(vocabulary.AddedTokens);
    }

    /// <summary>The parts of this tokenizer.</summary>
    public BpeVocabulary Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public int PadId => Role("pad_token");

    /// <inheritdoc/>
    public int StartId => Role("cls_token", "bos_token");

    /// <inheritdoc/>
    public int EndId => Role("sep_token", "eos_token");

    /// <inheritdoc/>
    public int MaskId => Role("mask_token");

    /// <inheritdoc/>
    public TokenizedText Encode(string text, EncodeOptions? options = null)
    {
        options ??= EncodeOptions.Default;
        return _vocabulary.Frame.Apply(EncodeContent(text, options), null, options, Trim);
    }

    /// <inheritdoc/>
    public TokenizedText EncodePair(string first, string second, EncodeOptions? options = null)
    {
        options ??= EncodeOptions.Default;
        return _vocabulary.Frame.Apply(EncodeContent(first, options), EncodeContent(second, options), options, Trim);
    }

    /// <inheritdoc/>
    public IReadOnlyList<TokenizedText> EncodeWindows(string text, int stride, EncodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _vocabulary.Frame.Windows(EncodeContent(text, options), stride, options, Trim);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        int length = 0;
        foreach (int id in ids)
        {
            length += BytesAt(id).Length;
        }

        var bytes = new byte[length];
        int at = 0;
        foreach (int id in ids)
        {
            if (!(skipSpecialTokens && _special[id]))
            {
                _bytes[id].CopyTo(bytes, at);
                at += _bytes[id].Length;
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, at);
    }

    /// <summary>The bytes of one token, for a decoder that works on a stream and holds back characters that are not whole yet.</summary>
    /// <param name="id">Token id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id) => BytesAt(id);

    /// <inheritdoc/>
    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    /// <inheritdoc/>
    public string TokenOf(int id)
    {
        _ = BytesAt(id);
        return _tokens[id];
    }

    /// <summary>Whether a token steers the model instead of standing for text.</summary>
    /// <param name="id">Token id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public bool IsSpecial(int id)
    {
        _ = BytesAt(id);
        return _special[id];
    }

    private TokenizedText EncodeContent(string text, EncodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!_workspaces.TryTake(out Workspace? work))
        {
            work = new Workspace(_merges);
        }

        work.Clear();
        foreach (Segment segment in _added.Split(text, options.SpecialTokenText == SpecialTokenText.Ordinary))
        {
            if (segment.Id >= 0)
            {
                AppendAdded(work, text, segment);
            }
            else
            {
                AppendText(work, text, segment);
            }
        }

        TokenizedText result = work.ToTokens();
        // A workspace that met a giant text is left to the collector, so that idle memory stays small.
        if (_workspaces.Count < SpareWorkspaces && work.IsSmall)
        {
            _workspaces.Add(work);
        }

        return result;
    }

    private void AppendAdded(Workspace work, string text, Segment segment)
    {
        int start = segment.Start;
        int end = segment.End;
        while (_vocabulary.TrimOffsets && start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (_vocabulary.TrimOffsets && end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        work.Add(segment.Id, start, end);
    }

    private void AppendText(Workspace work, string text, Segment segment)
    {
        ReadOnlySpan<char> part = text.AsSpan(segment.Start, segment.End - segment.Start);
        bool prefix = _vocabulary.AddPrefixSpace && part.Length > 0 && part[0] != ' ';
        if (!prefix)
        {
            AppendPieces(work, part, segment.Start);
            return;
        }

        int first = work.Count;
        AppendPieces(work, string.Concat(" ", part), segment.Start - 1);
        if (_vocabulary.TrimOffsets)
        {
            // The space that was put in stays one before the text's start until it is trimmed off like any other space.
            return;
        }

        for (int i = first; i < work.Count && work.Starts[i] < segment.Start; i++)
        {
            work.Starts[i] = segment.Start;
            work.Ends[i] = Math.Max(work.Ends[i], segment.Start);
        }
    }

    private void AppendPieces(Workspace work, ReadOnlySpan<char> text, int shift)
    {
        SplitPattern split = _vocabulary.Split;
        PieceCache cache = work.Cache;
        for (int start = 0; start < text.Length;)
        {
            int end = PieceScanner.End(split, text, start);
            ReadOnlySpan<char> piece = text[start..end];
            if (piece.Length <= PieceCache.LongestPiece)
            {
                uint hash = PieceCache.Hash(piece);
                (int at, int count) = cache.Find(piece, hash);
                if (count == 0)
                {
                    count = Merge(work, piece);
                    cache.Add(piece, hash, work.PieceIds.AsSpan(0, count), work.PieceLengths.AsSpan(0, count));
                    AppendTokens(work, piece, shift + start, work.PieceIds.AsSpan(0, count), work.PieceLengths.AsSpan(0, count));
                }
                else
                {
                    AppendTokens(work, piece, shift + start, cache.Ids.AsSpan(at, count), cache.Lengths.AsSpan(at, count));
                }
            }
            else
            {
                int count = Merge(work, piece);
                AppendTokens(work, piece, shift + start, work.PieceIds.AsSpan(0, count), work.PieceLengths.AsSpan(0, count));
            }

            start = end;
        }
    }

    private int Merge(Workspace work, ReadOnlySpan<char> piece)
    {
        work.ReservePiece(piece.Length * 3);
        // Lone surrogates become U+FFFD here, three bytes like any other character of that range.
        int bytes = Encoding.UTF8.GetBytes(piece, work.PieceBytes);
        Span<int> ids = work.PieceIds;
        Span<int> lengths = work.PieceLengths;
        if (_vocabulary.IgnoreMerges && bytes <= 512)
        {
            Span<char> spelled = stackalloc char[bytes];
            for (int i = 0; i < bytes; i++)
            {
                spelled[i] = ByteAlphabet.CharacterOf(work.PieceBytes[i]);
            }

            if (_ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(spelled, out int whole) && !_special[whole])
            {
                ids[0] = whole;
                lengths[0] = bytes;
                return 1;
            }
        }

        int count = 0;
        for (int i = 0; i < bytes; i++)
        {
            int id = _byteIds[work.PieceBytes[i]];
            if (_vocabulary.FuseUnknown && id == _vocabulary.UnknownId && count > 0 && ids[count - 1] == id)
            {
                lengths[count - 1]++;
                continue;
            }

            ids[count] = id;
            lengths[count++] = 1;
        }

        return work.Merger.Merge(ids[..count], lengths[..count]);
    }

    private void AppendTokens(Workspace work, ReadOnlySpan<char> piece, int shift, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        work.Reserve(ids.Length);
        int at = work.Count;
        ids.CopyTo(work.Ids.AsSpan(at));
        Span<int> starts = work.Starts.AsSpan(at, ids.Length);
        Span<int> ends = work.Ends.AsSpan(at, ids.Length);
        int total = 0;
        foreach (int length in lengths)
        {
            total += length;
        }

        if (total == piece.Length)
        {
            // As many bytes as characters: ASCII only.
            int position = shift;
            for (int i = 0; i < lengths.Length; i++)
            {
                starts[i] = position;
                position += lengths[i];
                ends[i] = position;
            }
        }
        else
        {
            Spans(piece, shift, lengths, starts, ends);
        }

        work.Count = at + ids.Length;
    }

    /// <summary>Takes spaces off the spans, after cutting to a length as the original does: each window has a first token.</summary>
    private void Trim(TokenizedText tokens)
    {
        if (!_vocabulary.TrimOffsets)
        {
            return;
        }

        int[] starts = tokens.Starts;
        int[] ends = tokens.Ends;
        for (int i = 0; i < starts.Length; i++)
        {
            int leading = _leadingSpaces[tokens.Ids[i]];
            int trailing = _trailingSpaces[tokens.Ids[i]];
            if ((leading | trailing) != 0)
            {
                if (leading == 1 && _vocabulary.TrimKeepsFirstSpace && (i == 0 || starts[i] <= 0))
                {
                    leading = 0;
                }

                starts[i] = Math.Min(Math.Max(0, starts[i] + leading), ends[i]);
                ends[i] = Math.Max(ends[i] - trailing, starts[i]);
            }
        }
    }

    private static void Spans(ReadOnlySpan<char> piece, int shift, ReadOnlySpan<int> lengths, Span<int> starts, Span<int> ends)
    {
        int character = 0;
        int characterByte = 0;
        int tokenByte = 0;
        Rune.DecodeFromUtf16(piece, out Rune rune, out int width);
        for (int i = 0; i < lengths.Length; i++)
        {
            while (characterByte + rune.Utf8SequenceLength <= tokenByte)
            {
                Advance(piece);
            }

            starts[i] = shift + character;
            tokenByte += lengths[i];
            while (characterByte + rune.Utf8SequenceLength < tokenByte)
            {
                Advance(piece);
            }

            ends[i] = shift + character + width;
        }

        void Advance(ReadOnlySpan<char> text)
        {
            characterByte += rune.Utf8SequenceLength;
            character += width;
            Rune.DecodeFromUtf16(text[character..], out rune, out width);
        }
    }

    private byte[] BytesAt(int id) => (uint)id < (uint)_bytes.Length
        ? _bytes[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token ids run from 0 to {_bytes.Length - 1}.");

    private int MergeSide(string token, int rank) => _ids.TryGetValue(token, out int id)
        ? id
        : throw Problem($"merge {rank} ('{_vocabulary.Merges[rank].Left} {_vocabulary.Merges[rank].Right}') needs the token '{token}', which the vocabulary lacks. Are vocabulary and merges from the same model?");

    private int Role(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (_vocabulary.Roles.TryGetValue(name, out string? token) && _ids.TryGetValue(token, out int id))
            {
                return id;
            }
        }

        throw Problem($"the tokenizer names no {string.Join(" or ", names.ToArray())}.");
    }

    private TokenizerException Problem(string problem) => new(_vocabulary.Source, problem);

    /// <summary>Scratch memory of one encoding.</summary>
    private sealed class Workspace(MergeTable merges)
    {
        private const int SmallTokens = 1 << 18;

        public PieceMerger Merger { get; } = new(merges);

        public PieceCache Cache { get; } = new();

        public int[] Ids { get; private set; } = new int[1024];

        public int[] Starts { get; private set; } = new int[1024];

        public int[] Ends { get; private set; } = new int[1024];

        public int Count { get; set; }

        public byte[] PieceBytes { get; private set; } = new byte[256];

        public int[] PieceIds { get; private set; } = new int[256];

        public int[] PieceLengths { get; private set; } = new int[256];

        public bool IsSmall => Ids.Length <= SmallTokens && PieceBytes.Length <= SmallTokens;

        public void Clear() => Count = 0;

        public void Add(int id, int start, int end)
        {
            Reserve(1);
            Ids[Count] = id;
            Starts[Count] = start;
            Ends[Count++] = end;
        }

        public void Reserve(int more)
        {
            if (Count + more > Ids.Length)
            {
                int size = Math.Max(Count + more, Ids.Length * 2);
                Ids = Larger(Ids, size);
                Starts = Larger(Starts, size);
                Ends = Larger(Ends, size);
            }
        }

        public void ReservePiece(int bytes)
        {
            if (bytes > PieceBytes.Length)
            {
                PieceBytes = new byte[bytes];
                PieceIds = new int[bytes];
                PieceLengths = new int[bytes];
            }
        }

        public TokenizedText ToTokens() => new(
            Ids.AsSpan(0, Count).ToArray(), Starts.AsSpan(0, Count).ToArray(), Ends.AsSpan(0, Count).ToArray(),
            new int[Count], new bool[Count], 0);

        private static int[] Larger(int[] array, int size)
        {
            Array.Resize(ref array, size);
            return array;
        }
    }
}
