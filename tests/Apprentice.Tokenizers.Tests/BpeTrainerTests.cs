using System.Text;
using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Tokenizers.Tests;

public sealed class BpeTrainerTests
{
    private static readonly BpeTrainerOptions _small = new() { VocabularySize = 420 };

    [Fact]
    public void Train_Defaults_PutSpecialTokensWhereRobertaHasThem()
    {
        ByteLevelBpe tokenizer = BpeTrainer.Train(Texts(), _small);
        Assert.Equal(420, tokenizer.VocabularySize);
        Assert.Equal([0, 1, 2, 3, 419], [tokenizer.StartId, tokenizer.PadId, tokenizer.EndId, tokenizer.IdOf("<unk>")!.Value, tokenizer.MaskId]);
        Assert.Equal([0, 2], tokenizer.Encode("").Ids);
        Assert.DoesNotContain(419, tokenizer.Encode("a <mask> b").Ids);
        Assert.Contains(419, tokenizer.Encode("a <mask> b", new() { SpecialTokenText = SpecialTokenText.Parsed }).Ids);
    }

    [Fact]
    public void Train_Twice_GivesTheSameVocabulary()
    {
        ByteLevelBpe first = BpeTrainer.Train(Texts(), _small);
        ByteLevelBpe second = BpeTrainer.Train(Texts().AsEnumerable().Reverse(), _small);
        Assert.Equal(first.Vocabulary.Tokens, second.Vocabulary.Tokens);
        Assert.Equal(first.Vocabulary.Merges, second.Vocabulary.Merges);
    }

    [Fact]
    public void Train_IncrementalCounts_EqualCountingFromScratch()
    {
        string[] texts = [.. Texts().Take(60)];
        ByteLevelBpe tokenizer = BpeTrainer.Train(texts, _small with { VocabularySize = 330, MinimumPieceFrequency = 1 });
        List<(string, string)> naive = NaiveMerges(texts, tokenizer.Vocabulary.Merges.Count, tokenizer);
        Assert.Equal(naive, tokenizer.Vocabulary.Merges);
    }

    [Fact]
    public void Train_TokenAskedFor_SavesLoadsAndDecodes()
    {
        ByteLevelBpe tokenizer = BpeTrainer.Train(Texts(), _small);
        string folder = Directory.CreateTempSubdirectory("trained").FullName;
        try
        {
            tokenizer.Save(folder);
            ByteLevelBpe loaded = ByteLevelBpe.Load(folder);
            File.Delete(Path.Combine(folder, "tokenizer.json"));
            ByteLevelBpe old = ByteLevelBpe.Load(folder);
            foreach (string text in Texts().Append("x = <mask> </s>"))
            {
                EncodeOptions options = new() { SpecialTokenText = SpecialTokenText.Parsed };
                TokenizedText want = tokenizer.Encode(text, options);
                Assert.Equal(want.Ids, loaded.Encode(text, options).Ids);
                Assert.Equal(want.Starts, loaded.Encode(text, options).Starts);
                Assert.Equal(want.Ids, old.Encode(text, options).Ids);
                Assert.Equal(want.Starts, old.Encode(text, options).Starts);
                Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, EncodeOptions.Plain).Ids));
            }

            Assert.Equal([tokenizer.MaskId, tokenizer.PadId], [old.MaskId, loaded.PadId]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Train_ImpossibleOptions_NamesEveryProblem()
    {
        ArgumentException problem = Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], new BpeTrainerOptions { VocabularySize = 100, LongestPiece = 0 }));
        Assert.Contains("VocabularySize is 100", problem.Message, StringComparison.Ordinal);
        Assert.Contains("LongestPiece is 0", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NoText_GivesTheBytes() => Assert.Equal(261, BpeTrainer.Train([], _small).VocabularySize);

    [Fact]
    public void Train_MorePiecesThanAllowed_StaysWithinTheBound()
    {
        IEnumerable<string> texts = Enumerable.Range(0, 5000).Select(i => $"common w{Spelled(i)} common");
        ByteLevelBpe tokenizer = BpeTrainer.Train(texts, _small with { MostPieces = 1000 });
        Assert.NotNull(tokenizer.IdOf("common"));

        static string Spelled(int number) => new([.. number.ToString("D4", System.Globalization.CultureInfo.InvariantCulture).Select(c => (char)(c + 'a' - '0'))]);
    }

    [Fact]
    public void Train_GoldenTexts_LearnsTheOriginalTrainersMerges()
    {
        // roberta-bpe was trained on the first 25 files of each corpus, 3000 code points each, and some of the golden strings.
        string golden = SharedFiles.Require("golden/tokenizers");
        List<string> texts = [];
        foreach (string language in (string[])["python", "java", "csharp", "c", "cpp", "javascript", "go"])
        {
            using FileStream file = File.OpenRead(SharedFiles.Require($"data/corpus.{language}.1.jsonl.xz"));
            using SharpCompress.Compressors.Xz.XZStream xz = new(file);
            using StreamReader reader = new(xz);
            for (int i = 0; i < 25 && reader.ReadLine() is { } line; i++)
            {
                using JsonDocument row = JsonDocument.Parse(line);
                texts.Add(string.Concat(row.RootElement.GetProperty("text").GetString()!.EnumerateRunes().Take(3000)));
            }
        }

        using JsonDocument strings = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden, "strings.json")));
        texts.AddRange(strings.RootElement.EnumerateArray()
            .Where(s => s.GetProperty("group").GetString() is "unicode" or "plain" or "numbers" or "whitespace").Select(s => s.GetProperty("text").GetString()!));
        ByteLevelBpe trained = BpeTrainer.Train(texts, new BpeTrainerOptions
        {
            VocabularySize = 600, LastSpecialTokens = [], MinimumPieceFrequency = 1, MinimumPairFrequency = 1, LongestPiece = int.MaxValue,
        });
        BpeVocabulary original = ByteLevelBpe.Load(Path.Combine(golden, "roberta-bpe")).Vocabulary;
        Assert.Equal(original.Merges, trained.Vocabulary.Merges);
        Assert.Equal(original.Tokens.Take(600), trained.Vocabulary.Tokens);
    }

    /// <summary>Sample texts of this project, so that the test does not depend on shared files: its own source.</summary>
    private static string[] Texts() =>
        [.. Directory.EnumerateFiles(Path.Combine(SharedFiles.Repository, "src", "Apprentice.Tokenizers"), "*.cs")
            .Order(StringComparer.Ordinal).SelectMany(f => File.ReadAllText(f).Split("\n\n")).Take(200)];

    private static List<(string, string)> NaiveMerges(string[] texts, int count, ByteLevelBpe ids)
    {
        List<List<string>> words = [];
        foreach (string text in texts)
        {
            for (int start = 0; start < text.Length;)
            {
                int end = PieceScanner.End(SplitPattern.Gpt2, text, start);
                if (end - start <= 40)
                {
                    words.Add([.. Encoding.UTF8.GetBytes(text[start..end]).Select(b => ByteAlphabet.CharacterOf(b).ToString())]);
                }

                start = end;
            }
        }

        List<(string, string)> merges = [];
        while (merges.Count < count)
        {
            (string Left, string Right) best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p)
                .OrderByDescending(g => g.Count()).ThenBy(g => ids.IdOf(g.Key.First)).ThenBy(g => ids.IdOf(g.Key.Second)).First().Key;
            merges.Add(best);
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == best.Left && word[i + 1] == best.Right)
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
