using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Models.Tests;

public sealed class SafetensorsTests
{
    // The issue's bound for a hostile file; the first call also pays for compilation, so a warm-up comes before the clock.
    private static readonly TimeSpan _hostileLimit = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Open_EveryHostileCase_EndsAsExpected()
    {
        string folder = SharedFiles.Require("golden/containers/hostile");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "hostile.json")));
        List<string> wrong = [];
        int cases = 0;
        Try(Path.Combine(folder, "st-hole.safetensors"));
        foreach (JsonElement one in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            string file = one.GetProperty("file").GetString()!;
            if (!file.EndsWith(".safetensors", StringComparison.Ordinal) && !file.EndsWith(".safetensors.index.json", StringComparison.Ordinal))
            {
                continue;
            }

            cases++;
            string expect = one.GetProperty("expect").GetString()!;
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            string? problem = Try(Path.Combine(folder, file));
            bool slow = watch.Elapsed > _hostileLimit || GC.GetAllocatedBytesForCurrentThread() - before > 50_000_000;
            if (slow || (expect == "accept" && problem is not null) || (expect == "refuse" && problem is null))
            {
                wrong.Add($"{file} ({one.GetProperty("wrong")}): {expect}, got {problem ?? "accepted"} after {watch.Elapsed}");
            }
        }

        Assert.Equal(47, cases);
        Assert.Empty(wrong);

        static string? Try(string path)
        {
            try
            {
                using ITensorSource source = path.EndsWith(".json", StringComparison.Ordinal) ? ShardedSafetensors.Open(path) : SafetensorsFile.Open(path);
                foreach (TensorInfo tensor in source.Tensors.Values)
                {
                    source.ReadFloat32(tensor.Name, new float[tensor.Count]);
                }

                return null;
            }
            catch (CheckpointException e)
            {
                return e.Message;
            }
        }
    }

    [Theory]
    [InlineData("golden/containers/safetensors/model.safetensors")]
    [InlineData("golden/containers/sharded-safetensors/model.safetensors.index.json")]
    public void ReadFloat32_SameWeights_AreEqualInEveryForm(string file)
    {
        string path = SharedFiles.Require(file);
        using SafetensorsFile expected = SafetensorsFile.Open(SharedFiles.Require("golden/containers/expected.safetensors"));
        using ITensorSource source = Checkpoint.Open(Path.GetDirectoryName(path)!);
        Assert.NotEmpty(source.Tensors);
        foreach (TensorInfo tensor in source.Tensors.Values)
        {
            Assert.Equal(expected.Tensors[tensor.Name].Shape, tensor.Shape);
            Assert.Equal(Read(expected, tensor.Name), Read(source, tensor.Name));
        }
    }

    [Fact]
    public void ReadFloat32_EveryDtype_EqualsWidenedValues()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SharedFiles.Require("golden/containers/dtypes.safetensors"));
        using SafetensorsFile wide = SafetensorsFile.Open(SharedFiles.Require("golden/containers/dtypes.float32.safetensors"));
        int compared = 0;
        foreach (TensorInfo tensor in file.Tensors.Values)
        {
            if (tensor.Dtype is TensorType.C64)
            {
                CheckpointException refusal = Assert.Throws<CheckpointException>(() => Read(file, tensor.Name));
                Assert.Contains(tensor.Dtype.FileName(), refusal.Message, StringComparison.Ordinal);
                continue;
            }

            float[] values = Read(file, tensor.Name);
            if (wide.Tensors.ContainsKey(tensor.Name))
            {
                // Bits, so that NaN and -0 count.
                Assert.Equal(MemoryMarshal.Cast<float, uint>(Read(wide, tensor.Name)).ToArray(), MemoryMarshal.Cast<float, uint>(values).ToArray());
                compared++;
            }
        }

        Assert.Equal(wide.Tensors.Count, compared);
    }

    [Theory]
    [InlineData(TensorType.F32, 0)]
    [InlineData(TensorType.F16, 4.9e-4)]
    [InlineData(TensorType.BF16, 3.91e-3)]
    public void Write_ThenOpen_GivesTheValuesBack(TensorType dtype, double relative)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.safetensors");
        float[] values = [1, -2.5f, 3.14159f, 0, -0f, 1e-3f, 65504, float.PositiveInfinity, float.NaN, 1.00390625f];
        SafetensorsWriter.Write(path, [
            TensorToWrite.From("b.weight", [2, 5], values),
            TensorToWrite.From("a \"quoted\" é", [], new float[] { 7 }),
            new TensorToWrite("empty", [0, 3], _ => { })], dtype: dtype);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(3, file.Tensors.Count);
        Assert.Equal(dtype, file.Tensors["b.weight"].Dtype);
        Assert.Equal([2L, 5L], file.Tensors["b.weight"].Shape);
        Assert.Equal([7f], Read(file, "a \"quoted\" é"));
        Assert.Empty(Read(file, "empty"));
        foreach ((float want, float got) in values.Zip(Read(file, "b.weight")))
        {
            Assert.True(want.Equals(got) || Math.Abs(want - got) <= relative * Math.Abs(want), $"{want} came back as {got}");
        }

        Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(0, (8 + BitConverter.ToInt64(File.ReadAllBytes(path))) % 8);
    }

    [Fact]
    public void Write_FailingHalfway_LeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.From("a", [1], new float[] { 1 })]);
        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.Write(path, [
            TensorToWrite.From("a", [1], new float[] { 2 }),
            new TensorToWrite("b", [1], _ => throw new InvalidDataException())]));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal([1f], Read(file, "a"));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_SameNameTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write("never.safetensors", [
            TensorToWrite.From("a", [1], new float[1]), TensorToWrite.From("a", [1], new float[1])]));

    [Fact]
    public void Open_TruncatedAtEveryLength_IsRefused()
    {
        using TemporaryFolder folder = new();
        byte[] whole = SmallFile(folder.Path);
        string path = Path.Combine(folder.Path, "cut.safetensors");
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole.AsSpan(0, length));
            Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void Open_EveryChangedByteOfTheHeader_OpensOrIsRefused()
    {
        using TemporaryFolder folder = new();
        byte[] whole = SmallFile(folder.Path);
        string path = Path.Combine(folder.Path, "changed.safetensors");
        int header = 8 + (int)BitConverter.ToInt64(whole);
        for (int i = 0; i < header; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x20, 0x80, 0xFF])
            {
                byte[] bytes = [.. whole];
                bytes[i] ^= change;
                File.WriteAllBytes(path, bytes);
                try
                {
                    using SafetensorsFile file = SafetensorsFile.Open(path);
                    foreach (TensorInfo tensor in file.Tensors.Values)
                    {
                        file.ReadFloat32(tensor.Name, new float[tensor.Count]);
                    }
                }
                catch (CheckpointException e)
                {
                    Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void ReadFloat32_WrongLength_NamesTensorAndShape()
    {
        using TemporaryFolder folder = new();
        SmallFile(folder.Path);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder.Path, "whole.safetensors"));
        CheckpointException problem = Assert.Throws<CheckpointException>(() => file.ReadFloat32("a", new float[5]));
        Assert.Contains("tensor 'a' has 6 elements, shape [2, 3]; 5 are asked for", problem.Message, StringComparison.Ordinal);
    }

    private static byte[] SmallFile(string folder)
    {
        string path = Path.Combine(folder, "whole.safetensors");
        SafetensorsWriter.Write(path, [
            TensorToWrite.From("a", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 }), TensorToWrite.From("b", [2], new float[] { 7, 8 })]);
        return File.ReadAllBytes(path);
    }

    private static float[] Read(ITensorSource source, string name)
    {
        var values = new float[source.Tensors[name].Count];
        source.ReadFloat32(name, values);
        return values;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("safetensors").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
