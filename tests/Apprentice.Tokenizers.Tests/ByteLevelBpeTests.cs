using System.Text;
using System.Text.RegularExpressions;
using Apprentice.Testing;

namespace Apprentice.Tokenizers.Tests;

public sealed class ByteLevelBpeTests
{
    private const int Seed = 20261122;

    private static readonly Lazy<ByteLevelBpe> _tokenizer = new(() => BpeTrainer.Train(
        Directory.EnumerateFiles(Path.Combine(SharedFiles.Repository, "src", "Apprentice.Tokenizers"), "*.cs").Order(StringComparer.Ordinal).Select(File.ReadAllText),
        new BpeTrainerOptions { VocabularySize = 700 }));

    [Fact]
    public void Decode_OfEncode_IsTheText()
    {
        Random random = new(Seed);
        for (int i = 0; i < 3000; i++)
        {
            string text = RandomText(random);
            TokenizedText tokens = _tokenizer.Value.Encode(text, EncodeOptions.Plain);
            Assert.Equal(text, _tokenizer.Value.Decode(tokens.Ids));
            for (int t = 0; t < tokens.Count; t++)
            {
                Assert.True(tokens.Starts[t] >= 0 && tokens.Starts[t] <= tokens.Ends[t] && tokens.Ends[t] <= text.Length, $"span {t} of {text}");
                Assert.True(t == 0 || tokens.Starts[t] >= tokens.Starts[t - 1], $"order at {t} of {text}");
            }
        }
    }

    [Theory]
    [InlineData(SplitPattern.Gpt2)]
    [InlineData(SplitPattern.Qwen2)]
    [InlineData(SplitPattern.Llama3)]
    public void End_RandomText_EqualsTheRegularExpression(SplitPattern pattern)
    {
        // Within the basic plane the .NET expression means the same as the original; beyond it the golden strings decide.
        Regex regex = new(BpeReader.PatternOf(pattern), RegexOptions.CultureInvariant);
        Random random = new(Seed);
        for (int i = 0; i < 3000; i++)
        {
            string text = new([.. RandomText(random).Where(c => !char.IsSurrogate(c))]);
            List<string> pieces = [];
            for (int start = 0; start < text.Length;)
            {
                int end = PieceScanner.End(pattern, text, start);
                pieces.Add(text[start..end]);
                start = end;
            }

            Assert.Equal(regex.Matches(text).Select(m => m.Value), pieces);
            Assert.Equal(text, string.Concat(pieces));
        }
    }

    [Fact]
    public void Merge_ScanHeapAndNaive_AreEqual()
    {
        Random random = new(Seed);
        for (int round = 0; round < 400; round++)
        {
            // Tokens 0 to 4 are symbols; each merge makes the next id from any two that exist.
            MergeTable table = new(40);
            Dictionary<(int, int), (int Rank, int Id)> merges = [];
            for (int rank = 0; rank < 40; rank++)
            {
                (int, int) pair = (random.Next(5 + rank), random.Next(5 + rank));
                if (merges.TryAdd(pair, (rank, 5 + rank)))
                {
                    table.Set(pair.Item1, pair.Item2, rank, 5 + rank);
                }
            }

            int[] word = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(random.Next(1, 6)))];
            List<int> naive = [.. word];
            while (true)
            {
                int best = Enumerable.Range(0, naive.Count - 1).Where(i => merges.ContainsKey((naive[i], naive[i + 1])))
                    .OrderBy(i => merges[(naive[i], naive[i + 1])].Rank).ThenBy(i => i).FirstOrDefault(-1);
                if (best < 0)
                {
                    break;
                }

                naive[best] = merges[(naive[best], naive[best + 1])].Id;
                naive.RemoveAt(best + 1);
            }

            PieceMerger merger = new(table);
            Assert.Equal(naive, Run(merger.MergeByScan));
            Assert.Equal(naive, Run(merger.MergeByHeap));

            int[] Run(MergeFunction merge)
            {
                int[] ids = [.. word];
                int[] lengths = [.. word.Select(_ => 1)];
                int count = merge(ids, lengths);
                Assert.Equal(word.Length, lengths.Take(count).Sum());
                return ids[..count];
            }
        }
    }

    [Fact]
    public void Encode_LoneSurrogate_IsReplacementCharacter()
    {
        TokenizedText tokens = _tokenizer.Value.Encode("a\uD800b", EncodeOptions.Plain);
        Assert.Equal("a\uFFFDb", _tokenizer.Value.Decode(tokens.Ids));
        Assert.Equal(3, tokens.Ends[^1]);
    }

    [Fact]
    public void Encode_OneMegabyteLine_IsQuick()
    {
        // One piece of a million letters: quadratic merging would take hours.
        string text = new('e', 1 << 20);
        Assert.Equal(text, _tokenizer.Value.Decode(_tokenizer.Value.Encode(text, EncodeOptions.Plain).Ids));
    }

    [Fact]
    public void Encode_ManyThreads_AgreeWithOne()
    {
        Random random = new(Seed);
        string[] texts = [.. Enumerable.Range(0, 400).Select(_ => RandomText(random))];
        int[][] alone = [.. texts.Select(t => _tokenizer.Value.Encode(t).Ids)];
        var together = new int[texts.Length][];
        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = _tokenizer.Value.Encode(texts[i]).Ids);
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Encode_FullCache_ChangesNothing()
    {
        // More different pieces than the cache holds.
        string text = string.Join(' ', Enumerable.Range(0, 80_000).Select(i => $"k{(char)('a' + (i % 26))}{(char)('a' + (i / 26 % 26))}{(char)('a' + (i / 676 % 26))}{(char)('a' + (i / 17576))}"));
        TokenizedText tokens = _tokenizer.Value.Encode(text, EncodeOptions.Plain);
        Assert.Equal(text, _tokenizer.Value.Decode(tokens.Ids));
        Assert.Equal(tokens.Ids, _tokenizer.Value.Encode(text, EncodeOptions.Plain).Ids);
    }

    [Fact]
    public void Encode_MaximumLength_CountsWhatIsDropped()
    {
        TokenizedText whole = _tokenizer.Value.Encode("int value = other.value + 1;");
        TokenizedText cut = _tokenizer.Value.Encode("int value = other.value + 1;", new EncodeOptions { MaximumLength = 5 });
        Assert.Equal(5, cut.Count);
        Assert.Equal(whole.Count - 5, cut.Dropped);
        Assert.Equal([true, false, false, false, true], cut.Special);
        Assert.Throws<ArgumentException>(() => _tokenizer.Value.Encode("x", new EncodeOptions { MaximumLength = 1 }));
    }

    [Fact]
    public void Decode_IdOutsideTheVocabulary_NamesTheRange()
    {
        ArgumentOutOfRangeException problem = Assert.Throws<ArgumentOutOfRangeException>(() => _tokenizer.Value.Decode([5, 700]));
        Assert.Contains("0 to 699", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"WordPiece\"", "type 'WordPiece' is not supported")]
    [InlineData("\"normalizer\": null", "\"normalizer\": {\"type\": \"Lowercase\"}", "normalizer: type 'Lowercase' is not supported")]
    [InlineData("\"pre_tokenizer\": {\n    \"type\": \"ByteLevel\"", "\"pre_tokenizer\": {\n    \"type\": \"Whitespace\"", "pre_tokenizer: type 'Whitespace' is not supported")]
    [InlineData("\"type\": \"RobertaProcessing\"", "\"type\": \"Strange\"", "post_processor: type 'Strange' is not supported")]
    [InlineData("\"dropout\": null", "\"dropout\": 0.1", "dropout 0.1 is not supported")]
    [InlineData("\"byte_fallback\": false", "\"byte_fallback\": true", "byte_fallback is not supported")]
    [InlineData("\"!\": 4", "\"!\": 5", "have the same id 5")]
    [InlineData("\"!\": 4", "\"!\": 4000", "has id 4000")]
    [InlineData("\"!\": 4", "\"!\": 4.5", "a whole number is expected, not 4.5")]
    [InlineData("\"!\": 4", "\"!\": 4, \"!\": 4", "cannot be read as JSON")]
    [InlineData("\"merges\": [", "\"merges\": [\"ab\", ", "is not two tokens with one space")]
    [InlineData("\"merges\": [", "\"merges\": [\"@@@@@ !\", ", "needs the token '@@@@@'")]
    [InlineData("\"merges\"", "\"mergers\"", "'merges' is missing")]
    [InlineData("{", "[", "cannot be read as JSON")]
    public void Load_ChangedFile_IsRefusedByName(string before, string after, string message)
    {
        string folder = Directory.CreateTempSubdirectory("broken").FullName;
        try
        {
            _tokenizer.Value.Save(folder);
            string path = Path.Combine(folder, "tokenizer.json");
            string text = File.ReadAllText(path);
            int at = text.IndexOf(before, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{before} is not in the file.");
            File.WriteAllText(path, text[..at] + after + text[(at + before.Length)..]);
            TokenizerException problem = Assert.Throws<TokenizerException>(() => ByteLevelBpe.Load(folder));
            Assert.StartsWith(path, problem.Message, StringComparison.Ordinal);
            Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Load_EmptyFolder_SaysWhatIsNeeded()
    {
        string folder = Directory.CreateTempSubdirectory("empty").FullName;
        TokenizerException problem = Assert.Throws<TokenizerException>(() => ByteLevelBpe.Load(folder));
        Directory.Delete(folder);
        Assert.Contains("no tokenizer.json, and no vocab.json with merges.txt", problem.Message, StringComparison.Ordinal);
    }

    private delegate int MergeFunction(Span<int> ids, Span<int> lengths);

    private static string RandomText(Random random)
    {
        string[] parts = [" ", "  ", "\n", "\t", "\r\n", "'s", "'LL", "'re", "\u017F", "\u00A0", "\u3000", "value", "Get", "7", "٣", "²", "(", "<s>", "é", "e\u0301", "中文", "😀", "𝒳", "𐍈", "\u200D", "\0", "_", "\u0085"];
        StringBuilder text = new();
        int length = random.Next(12);
        for (int i = 0; i < length; i++)
        {
            if (random.Next(4) > 0)
            {
                text.Append(parts[random.Next(parts.Length)]);
            }
            else
            {
                int value = random.Next(0x11_0000 - 0x800);
                text.Append(new Rune(value < 0xD800 ? value : value + 0x800).ToString());
            }
        }

        return text.ToString();
    }
}
