-- A record that was taken from what ran, at the import or since; nobody has asked for it.
ALTER TABLE "Node" ADD COLUMN "recordedAsFound" BOOLEAN NOT NULL DEFAULT false;
