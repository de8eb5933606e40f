using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Testing;

namespace Apprentice.Models.Tests;

/// <summary>Forward passes, gradients and optimiser steps against the original library's values.</summary>
public sealed class RobertaGoldenTests
{
    /// <summary>Share of the array's largest value that float32 forward passes may differ by; the reference's own float32 error is up to 5.5e-6.</summary>
    private const double ForwardTolerance = 2e-5;

    /// <summary>Share of the largest gradient of a tensor that float32 gradients may differ by.</summary>
    private const double GradientTolerance = 1e-5;

    [Fact]
    public void Encode_MaskedLanguageModel_EqualsOriginal()
    {
        using Golden golden = Golden.Open("golden/families/roberta-mlm");
        MaskedLanguageHead head = new(golden.Encoder, golden.Parameters);
        golden.Load();
        for (int s = 0; s < golden.Sequences.Length; s++)
        {
            using Tape tape = new(golden.Workers);
            List<Tensor> states = [];
            Tensor last = golden.Encoder.Encode(tape, RaggedBatch.Of([golden.Sequences[s]]), states);
            for (int layer = 0; layer < states.Count; layer++)
            {
                golden.Compare($"alone.{s}.hidden.{layer}", states[layer].Span, ForwardTolerance);
            }

            golden.Compare($"alone.{s}.logits", head.Logits(tape, last).Span, ForwardTolerance);
        }
    }

    [Fact]
    public void Encode_SeveralSequences_EqualsEachAlone()
    {
        using Golden golden = Golden.Open("golden/families/roberta-mlm");
        golden.Load();
        using Tape tape = new(golden.Workers);
        RaggedBatch batch = RaggedBatch.Of(golden.Sequences);
        Tensor last = golden.Encoder.Encode(tape, batch);
        for (int s = 0; s < batch.Sequences; s++)
        {
            int from = batch.Offsets[s] * last.Columns;
            int to = batch.Offsets[s + 1] * last.Columns;
            golden.Compare($"alone.{s}.hidden.{golden.Encoder.Config.HiddenLayers}", last.Span[from..to], ForwardTolerance);
        }
    }

    [Fact]
    public void Encode_SequenceClassification_EqualsOriginal()
    {
        using Golden golden = Golden.Open("golden/families/roberta-cls");
        ClassificationHead head = new(golden.Parameters, golden.Encoder.Config.HiddenSize, golden.Encoder.Config.HiddenSize, 3, 0);
        golden.Load();
        using Tape tape = new(golden.Workers);
        RaggedBatch batch = RaggedBatch.Of(golden.Sequences);
        Tensor logits = head.Logits(tape, tape.GatherRows(golden.Encoder.Encode(tape, batch), batch.Offsets[..^1]));
        golden.Compare("batch.logits", logits.Span, ForwardTolerance);
    }

    [Theory]
    [InlineData("roberta-line")]
    [InlineData("roberta-sequence")]
    [InlineData("roberta-token")]
    public void Backward_EveryParameter_EqualsOriginal(string name)
    {
        using Golden golden = Golden.Open($"golden/training/gradients/{name}", "gradients.safetensors");
        using JsonDocument inputs = golden.Json("inputs.json");
        int hidden = golden.Encoder.Config.HiddenSize;
        int classes = name == "roberta-line" ? 2 : 3;
        ClassificationHead? head = name == "roberta-sequence" ? new ClassificationHead(golden.Parameters, hidden, hidden, classes, 0) : null;
        Parameter? weight = head is null ? golden.Parameters.Declare("classifier.weight", [classes, hidden], decay: true) : null;
        Parameter? bias = head is null ? golden.Parameters.Declare("classifier.bias", [classes], decay: false) : null;
        golden.Load();
        using Tape tape = new(golden.Workers) { Training = true };
        golden.Parameters.ClearGradients();
        RaggedBatch batch = RaggedBatch.Of(golden.Sequences);
        Tensor last = golden.Encoder.Encode(tape, batch);
        JsonElement root = inputs.RootElement;
        float[] Weights() => [.. root.GetProperty("class_weights").EnumerateArray().Select(w => w.GetSingle())];
        int[] Labels(string key) => [.. root.GetProperty(key).EnumerateArray().SelectMany(row => row.ValueKind == JsonValueKind.Array ? row.EnumerateArray().Select(l => l.GetInt32()) : [row.GetInt32()])];
        Tensor loss;
        if (name == "roberta-line")
        {
            List<(int, int)> ranges = [];
            JsonElement[] lineOfToken = [.. root.GetProperty("line_of_token").EnumerateArray()];
            for (int s = 0; s < lineOfToken.Length; s++)
            {
                int[] lines = [.. lineOfToken[s].EnumerateArray().Select(l => l.GetInt32())];
                for (int line = 0; line <= lines.Max(); line++)
                {
                    ranges.Add((batch.Offsets[s] + Array.IndexOf(lines, line), batch.Offsets[s] + Array.LastIndexOf(lines, line) + 1));
                }
            }

            loss = tape.WeightedCrossEntropy(tape.Linear(tape.MeanRows(last, [.. ranges]), weight!, bias), Labels("line_labels"), Weights(), 0);
        }
        else if (name == "roberta-token")
        {
            loss = tape.WeightedCrossEntropy(tape.Linear(last, weight!, bias), [.. Labels("labels").Select(label => Math.Max(label, -1))], Weights(), 0);
        }
        else
        {
            Tensor logits = head!.Logits(tape, tape.GatherRows(last, batch.Offsets[..^1]));
            loss = tape.WeightedCrossEntropy(logits, Labels("labels"), [1, 1, 1], root.GetProperty("label_smoothing").GetSingle());
        }

        using JsonDocument expected = golden.Json("expected.json");
        double expectedLoss = expected.RootElement.GetProperty("loss").GetDouble();
        Assert.Equal(expectedLoss, loss.Span[0], Math.Abs(expectedLoss) * 1e-6);
        tape.Backward(loss);
        foreach (Parameter parameter in golden.Parameters.Parameters)
        {
            golden.Compare(parameter.Name, parameter.Gradients, GradientTolerance, 1e-7);
        }
    }

    [Theory]
    [InlineData("hf-defaults", 4, 0.005, false)]
    [InlineData("constant", 0, 0, true)]
    public void Step_TwentySteps_EqualsOriginal(string name, int warmup, double peak, bool constant)
    {
        using Golden golden = Golden.Open($"golden/training/adamw/{name}", "parameters.safetensors");
        using JsonDocument inputs = golden.Json("inputs.json");
        using JsonDocument expected = golden.Json("expected.json");
        JsonElement settings = inputs.RootElement;
        int hidden = golden.Encoder.Config.HiddenSize;
        ClassificationHead head = new(golden.Parameters, hidden, hidden, 3, 0);
        golden.Load();
        JsonElement optimiserSettings = settings.TryGetProperty("optimizer", out JsonElement found) ? found : expected.RootElement;
        OptimiserOptions options = new()
        {
            Beta1 = Number(optimiserSettings, "betas", 0, 0.9f), Beta2 = Number(optimiserSettings, "betas", 1, 0.999f), Epsilon = Number(optimiserSettings, "eps", null, 1e-8f),
            WeightDecay = Number(optimiserSettings, "weight_decay", null, 0.01f), MaximumGradientNorm = Number(optimiserSettings, "max_gradient_norm", null, 1f),
        };
        using Optimiser optimiser = new(golden.Parameters, options);
        using Tape tape = new(golden.Workers) { Training = true };
        JsonElement[] batches = [.. settings.GetProperty("batches").EnumerateArray()];
        LearningRateSchedule schedule = new(peak, warmup, 20);
        foreach ((JsonElement step, int index) in expected.RootElement.GetProperty("steps").EnumerateArray().Select((step, index) => (step, index)))
        {
            JsonElement data = batches[index % batches.Length];
            tape.Reset();
            golden.Parameters.ClearGradients();
            RaggedBatch batch = RaggedBatch.Of(Golden.Rows(data.GetProperty("sequences")));
            Tensor logits = head.Logits(tape, tape.GatherRows(golden.Encoder.Encode(tape, batch), batch.Offsets[..^1]));
            Tensor loss = tape.CrossEntropyOf(logits, [.. data.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())]);
            tape.Backward(loss);
            double rate = step.GetProperty("lr").GetDouble();
            if (!constant)
            {
                Assert.Equal(rate, schedule.At(index), 1e-12);
            }

            double norm = optimiser.Step(golden.Workers, rate);
            double expectedLoss = step.GetProperty("loss").GetDouble();
            Assert.Equal(expectedLoss, loss.Span[0], Math.Abs(expectedLoss) * 1e-5);
            double expectedNorm = step.GetProperty("gradient_norm_before_clipping").GetDouble();
            Assert.Equal(expectedNorm, norm, Math.Abs(expectedNorm) * 1e-5);
            if (optimiser.Steps is 1 or 5 or 20)
            {
                // The true gradient of a key bias is 0; Adam blows its rounding noise up to real steps, so two correct runs differ there.
                foreach (Parameter parameter in golden.Parameters.Parameters.Where(p => !p.Name.EndsWith("key.bias", StringComparison.Ordinal)))
                {
                    golden.Compare($"step{optimiser.Steps}.{parameter.Name}", parameter.Values, 0, 1e-5);
                }
            }
        }
    }

    [Fact]
    public void SaveAndLoad_RandomEncoder_GivesSameBits()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            RobertaConfig config = new() { VocabularySize = 50, HiddenSize = 16, HiddenLayers = 2, AttentionHeads = 2, IntermediateSize = 24, MaximumPositionEmbeddings = 20 };
            using ParameterSet first = new();
            _ = new RobertaEncoder(config, first);
            first.Build();
            RobertaEncoder.Initialise(config, first, new SeededRandom(5));
            ParameterFile.Save(folder, first);
            using ParameterSet second = new();
            _ = new RobertaEncoder(config, second);
            second.Build();
            ParameterFile.Load(folder, second, _ => false);
            Assert.All(first.Parameters.Zip(second.Parameters), pair => Assert.Equal(pair.First.Values.ToArray(), pair.Second.Values.ToArray()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Load_WrongHiddenSize_NamesTensorAndBothShapes()
    {
        string folder = SharedFiles.Require("golden/families/roberta-mlm");
        RobertaConfig config = RobertaConfig.Load(Path.Combine(folder, "config.json")) with { HiddenSize = 64 };
        using ParameterSet parameters = new();
        _ = new RobertaEncoder(config, parameters);
        parameters.Build();
        CheckpointException error = Assert.Throws<CheckpointException>(() => ParameterFile.Load(folder, parameters, _ => false));
        Assert.Contains("word_embeddings", error.Message, StringComparison.Ordinal);
        Assert.Contains("[120, 32]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[120, 64]", error.Message, StringComparison.Ordinal);
    }

    private static float Number(JsonElement settings, string key, int? index, float fallback) =>
        !settings.TryGetProperty(key, out JsonElement value) ? fallback : index is { } i ? value[i].GetSingle() : value.GetSingle();

    /// <summary>A folder of reference values with the encoder that its config.json describes.</summary>
    private sealed class Golden : IDisposable
    {
        private readonly string _folder;
        private readonly SafetensorsFile _expected;

        private Golden(string folder, string expected)
        {
            _folder = folder;
            _expected = SafetensorsFile.Open(Path.Combine(folder, expected));
            Encoder = new RobertaEncoder(RobertaConfig.Load(Path.Combine(folder, "config.json")), Parameters);
            using JsonDocument inputs = Json("inputs.json");
            Sequences = inputs.RootElement.TryGetProperty("sequences", out JsonElement sequences) ? Rows(sequences) : [];
        }

        public Workers Workers { get; } = new(2);

        public ParameterSet Parameters { get; } = new();

        public RobertaEncoder Encoder { get; }

        public int[][] Sequences { get; }

        public static Golden Open(string path, string expected = "outputs.safetensors") => new(SharedFiles.Require(path), expected);

        public static int[][] Rows(JsonElement element) => [.. element.EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())];

        public JsonDocument Json(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, name)));

        public void Load()
        {
            Parameters.Build();
            ParameterFile.Load(_folder, Parameters, _ => false);
        }

        public void Compare(string name, ReadOnlySpan<float> actual, double relative, double absolute = 1e-6)
        {
            float[] expected = new float[_expected.Tensors[name].Count];
            _expected.ReadFloat32(name, expected);
            Assert.Equal(expected.Length, actual.Length);
            double allowed = (relative * expected.Max(Math.Abs)) + absolute;
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.True(Math.Abs(expected[i] - actual[i]) <= allowed, $"{name}[{i}]: expected {expected[i]:g9}, found {actual[i]:g9}, allowed difference {allowed:g3}.");
            }
        }

        public void Dispose()
        {
            _expected.Dispose();
            Parameters.Dispose();
            Workers.Dispose();
        }
    }
}
