using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Models;
using Apprentice.Tokenizers;

namespace Apprentice.Training.Tests;

/// <summary>Small models, and generated functions with one marked line.</summary>
internal static class Samples
{
    private static readonly string[] s_names = ["total", "count", "index", "width", "limit", "value", "left", "right"];

    public static ByteLevelBpe Tokenizer { get; } =
        BpeTrainer.Train(Enumerable.Range(0, 80).Select(i => Function(i, 99).Code), new BpeTrainerOptions { VocabularySize = 420 });

    public static RobertaConfig Config(int hidden = 64, int layers = 2, float dropout = 0, int length = 128) => new()
    {
        VocabularySize = Tokenizer.VocabularySize, HiddenSize = hidden, HiddenLayers = layers, AttentionHeads = 4, IntermediateSize = 2 * hidden,
        MaximumPositionEmbeddings = length + 2, HiddenDropout = dropout, AttentionDropout = dropout,
        PadTokenId = Tokenizer.PadId, BeginTokenId = Tokenizer.StartId, EndTokenId = Tokenizer.EndId,
    };

    public static TaskModel Faults(int seed = 1, int hidden = 64, int layers = 2, float dropout = 0, int length = 128) =>
        TaskModel.CreateRandom(Config(hidden, layers, dropout, length), Tokenizer, new TaskSettings { Task = "fault-localization" }, seed);

    public static TaskModel Clones(string head = "siamese", int seed = 1, int hidden = 32, int length = 128) =>
        TaskModel.CreateRandom(Config(hidden, 2, 0, length), Tokenizer, new TaskSettings { Task = "clone-detection", CloneHead = head }, seed);

    /// <summary>A function with six statements; the marked one (1-based line of the text) uses the name 'spare', no other does.</summary>
    public static (string Code, int Line) Function(int number, int seed)
    {
        SeededRandom random = new((ulong)((seed * 1_000_003) + number));
        string Name() => s_names[random.NextInt(s_names.Length)];
        int marked = random.NextInt(6);
        List<string> lines = [$"static int F{number}(int {Name()}, int x{random.NextInt(100)})", "{"];
        for (int i = 0; i < 6; i++)
        {
            string a = i == marked ? "spare" : Name();
            lines.Add("    " + random.NextInt(6) switch
            {
                0 => $"int {Name()}{i} = {a} + {random.NextInt(50)};",
                1 => $"if ({a} < {random.NextInt(50)}) {Name()}++;",
                2 => $"{Name()} = {a} * {Name()};",
                3 => $"{Name()} += {a};",
                4 => $"Log({a}, {random.NextInt(50)});",
                _ => $"items[{a}] = {Name()};",
            });
        }

        lines.AddRange(["    return total;", "}"]);
        return (string.Join('\n', lines), marked + 3);
    }

    /// <summary>Statement lines of <see cref="Function"/>, 1-based.</summary>
    public static readonly int[] StatementLines = [3, 4, 5, 6, 7, 8];

    public static List<(string Code, Language Language, IReadOnlyList<int> FaultyLines)> Functions(int count, int seed, Func<int, int, int>? label = null) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            (string code, int line) = Function(i, seed);
            return (code, Language.CSharp, (IReadOnlyList<int>)[label is null ? line : label(i, line)]);
        })];

    /// <summary>Equal exactly when every parameter has the same bits.</summary>
    public static string Bits(ParameterSet parameters)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in parameters.Parameters)
        {
            hash.AppendData(MemoryMarshal.AsBytes(parameter.Values));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
