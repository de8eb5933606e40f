using System.Runtime.InteropServices;
using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>Learns a byte-level BPE vocabulary from texts.</summary>
/// <remarks>
/// Source: Sennrich et al., 2016, arXiv:1508.07909, algorithm 1, with incremental pair counts. Ids and ties are those of the Hugging Face
/// trainer: special tokens, then the bytes in the order of their characters, then merges; among equally frequent pairs the one with the
/// smaller ids comes first. The same texts in the same order therefore give the same vocabulary, there and here.
/// </remarks>
public static class BpeTrainer
{
    private const int ReportEvery = 256;

    /// <summary>Learns a vocabulary with RoBERTa's frame around texts when <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c> are among the special tokens.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="progress">Told now and then how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentException">The settings have problems; all are named.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static ByteLevelBpe Train(IEnumerable<string> texts, BpeTrainerOptions? options = null, IProgress<BpeTrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new BpeTrainerOptions();
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        List<string> tokens = [.. options.SpecialTokens];
        var byteIds = new int[256];
        foreach (byte value in Enumerable.Range(0, 256).Select(b => (byte)b).OrderBy(b => ByteAlphabet.CharacterOf(b)))
        {
            byteIds[value] = tokens.Count;
            tokens.Add(ByteAlphabet.CharacterOf(value).ToString());
        }

        Words words = Words.From(Count(texts, options, progress, cancellationToken), options.MinimumPieceFrequency, byteIds);
        List<(string, string)> merges = Merge(words, tokens, options, progress, cancellationToken);
        tokens.AddRange(options.LastSpecialTokens);
        return Assemble(tokens, merges, options);
    }

    private static Dictionary<string, long> Count(IEnumerable<string> texts, BpeTrainerOptions options, IProgress<BpeTrainingProgress>? progress, CancellationToken cancellationToken)
    {
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        long characters = 0;
        int read = 0;
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int start = 0; start < text.Length;)
            {
                int end = PieceScanner.End(options.Split, text, start);
                if (end - start <= options.LongestPiece)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, text.AsSpan(start, end - start), out _)++;
                }

                start = end;
            }

            if (counts.Count > options.MostPieces)
            {
                Forget(counts, options.MostPieces / 2);
            }

            characters += text.Length;
            if (++read % ReportEvery == 0)
            {
                progress?.Report(new BpeTrainingProgress(characters, counts.Count, 0, options.VocabularySize));
            }
        }

        return counts;
    }

    /// <summary>Drops the rarest pieces until at most the given number are left. Depends on the counts alone, so a run can be repeated.</summary>
    private static void Forget(Dictionary<string, long> counts, int keep)
    {
        for (long rarest = 1; counts.Count > keep; rarest++)
        {
            foreach ((string piece, long count) in counts)
            {
                if (count <= rarest)
                {
                    // Removing while enumerating is allowed for this collection.
                    counts.Remove(piece);
                }
            }
        }
    }

    private static List<(string, string)> Merge(Words words, List<string> tokens, BpeTrainerOptions options, IProgress<BpeTrainingProgress>? progress, CancellationToken cancellationToken)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            ids.Add(tokens[id], id);
        }

        // A pair that would spell a special token must not become one.
        HashSet<string> reserved = [.. options.SpecialTokens, .. options.LastSpecialTokens];
        Dictionary<long, PairState> pairs = words.CountPairs();
        PriorityQueue<(long Pair, long Count), (long, long)> queue = new(pairs.Count);
        foreach ((long pair, PairState state) in pairs)
        {
            queue.Enqueue((pair, state.Count), (-state.Count, pair));
        }

        List<(string, string)> merges = [];
        int target = options.VocabularySize - options.LastSpecialTokens.Count;
        List<(long Pair, int Change)> changes = [];
        HashSet<long> touched = [];
        while (tokens.Count < target && queue.TryDequeue(out (long Pair, long Count) top, out _))
        {
            PairState state = pairs[top.Pair];
            if (state.Count != top.Count)
            {
                // Its count has sunk since; it goes back in with the true one.
                if (state.Count > 0)
                {
                    queue.Enqueue((top.Pair, state.Count), (-state.Count, top.Pair));
                }

                continue;
            }

            if (top.Count < options.MinimumPairFrequency)
            {
                break;
            }

            int left = (int)(top.Pair >> 32);
            int right = (int)top.Pair;
            string joined = tokens[left] + tokens[right];
            if (reserved.Contains(joined))
            {
                continue;
            }

            if (!ids.TryGetValue(joined, out int id))
            {
                id = tokens.Count;
                ids.Add(joined, id);
                tokens.Add(joined);
            }

            merges.Add((tokens[left], tokens[right]));
            touched.Clear();
            foreach (int word in state.Words)
            {
                changes.Clear();
                words.Merge(word, left, right, id, changes);
                long frequency = words.Frequency(word);
                foreach ((long pair, int change) in changes)
                {
                    ref PairState changed = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _)!;
                    changed ??= new PairState();
                    changed.Count += change * frequency;
                    if (change > 0)
                    {
                        changed.AddWord(word);
                        touched.Add(pair);
                    }
                }
            }

            state.Count = 0;
            state.Words.Clear();
            state.Words.TrimExcess();
            foreach (long pair in touched)
            {
                if (pairs[pair].Count > 0)
                {
                    queue.Enqueue((pair, pairs[pair].Count), (-pairs[pair].Count, pair));
                }
            }

            if (merges.Count % ReportEvery == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new BpeTrainingProgress(0, words.Count, tokens.Count, options.VocabularySize));
            }
        }

        return merges;
    }

    private static ByteLevelBpe Assemble(List<string> tokens, List<(string, string)> merges, BpeTrainerOptions options)
    {
        List<AddedToken> added = [];
        int last = tokens.Count - options.LastSpecialTokens.Count;
        for (int id = 0; id < tokens.Count; id++)
        {
            if (id < options.SpecialTokens.Count || id >= last)
            {
                added.Add(new AddedToken(id, tokens[id]) { StripLeft = tokens[id] == "<mask>" });
            }
        }

        Dictionary<string, string> roles = [];
        (string Role, string Token)[] usual =
        [
            ("bos_token", "<s>"), ("cls_token", "<s>"), ("eos_token", "</s>"), ("sep_token", "</s>"),
            ("pad_token", "<pad>"), ("unk_token", "<unk>"), ("mask_token", "<mask>"),
        ];
        foreach ((string role, string token) in usual.Where(u => added.Any(a => a.Content == u.Token)))
        {
            roles.Add(role, token);
        }

        int start = tokens.IndexOf("<s>");
        int end = tokens.IndexOf("</s>");
        return new ByteLevelBpe(new BpeVocabulary
        {
            Source = "trained tokenizer",
            Tokens = tokens,
            Merges = merges,
            AddedTokens = added,
            Split = options.Split,
            Frame = start >= 0 && end >= 0 ? SpecialTokenFrame.Roberta(start, end) : SpecialTokenFrame.None,
            Roles = roles,
        });
    }

    /// <summary>How often a pair occurs and in which words; a word may have lost it again.</summary>
    private sealed class PairState
    {
        public long Count { get; set; }

        public List<int> Words { get; } = [];

        public void AddWord(int word)
        {
            // Words come one after the other, so a repeated one is at the end.
            if (Words.Count == 0 || Words[^1] != word)
            {
                Words.Add(word);
            }
        }
    }

    /// <summary>All pieces as token sequences in one array.</summary>
    private sealed class Words
    {
        private readonly int[] _symbols;
        private readonly int[] _starts;
        private readonly int[] _lengths;
        private readonly long[] _frequencies;

        private Words(int[] symbols, int[] starts, int[] lengths, long[] frequencies)
        {
            _symbols = symbols;
            _starts = starts;
            _lengths = lengths;
            _frequencies = frequencies;
        }

        public int Count => _starts.Length;

        public static Words From(Dictionary<string, long> counts, int minimum, int[] byteIds)
        {
            // Sorted, so that nothing depends on the order of a hash table.
            string[] pieces = [.. counts.Where(c => c.Value >= minimum).Select(c => c.Key)];
            Array.Sort(pieces, StringComparer.Ordinal);
            var starts = new int[pieces.Length];
            var lengths = new int[pieces.Length];
            var frequencies = new long[pieces.Length];
            var symbols = new int[pieces.Sum(p => Encoding.UTF8.GetByteCount(p))];
            int at = 0;
            for (int i = 0; i < pieces.Length; i++)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(pieces[i]);
                starts[i] = at;
                lengths[i] = bytes.Length;
                frequencies[i] = counts[pieces[i]];
                foreach (byte value in bytes)
                {
                    symbols[at++] = byteIds[value];
                }
            }

            return new Words(symbols, starts, lengths, frequencies);
        }

        public long Frequency(int word) => _frequencies[word];

        public Dictionary<long, PairState> CountPairs()
        {
            Dictionary<long, PairState> pairs = [];
            for (int word = 0; word < _starts.Length; word++)
            {
                ReadOnlySpan<int> symbols = _symbols.AsSpan(_starts[word], _lengths[word]);
                for (int i = 0; i + 1 < symbols.Length; i++)
                {
                    ref PairState state = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, Key(symbols[i], symbols[i + 1]), out _)!;
                    state ??= new PairState();
                    state.Count += _frequencies[word];
                    state.AddWord(word);
                }
            }

            return pairs;
        }

        /// <summary>Merges a pair in one word, left to right, and tells which neighbouring pairs came and went.</summary>
        public void Merge(int word, int left, int right, int joined, List<(long Pair, int Change)> changes)
        {
            Span<int> symbols = _symbols.AsSpan(_starts[word], _lengths[word]);
            int kept = 0;
            for (int i = 0; i < symbols.Length; i++)
            {
                if (symbols[i] == left && i + 1 < symbols.Length && symbols[i + 1] == right)
                {
                    if (kept > 0)
                    {
                        changes.Add((Key(symbols[kept - 1], left), -1));
                        changes.Add((Key(symbols[kept - 1], joined), 1));
                    }

                    if (i + 2 < symbols.Length)
                    {
                        changes.Add((Key(right, symbols[i + 2]), -1));
                        changes.Add((Key(joined, symbols[i + 2]), 1));
                    }

                    symbols[kept++] = joined;
                    i++;
                }
                else
                {
                    symbols[kept++] = symbols[i];
                }
            }

            _lengths[word] = kept;
        }

        private static long Key(int left, int right) => ((long)left << 32) | (uint)right;
    }
}
